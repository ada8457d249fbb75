#!/bin/bash
# Run once by InfluxDB's image, after it has made the organisation, the bucket `hoistway` and the administrator's token: the two other buckets,
# and a user who may read the three with InfluxQL, for Grafana. Hoistway itself sets what the buckets keep, and maps database and policies to them.
set -euo pipefail
reading=(--read-bucket "$DOCKER_INFLUXDB_INIT_BUCKET_ID")
for policy in readings minutes; do
  name="$DOCKER_INFLUXDB_INIT_BUCKET/$policy"
  influx bucket create --name "$name" --org "$DOCKER_INFLUXDB_INIT_ORG"
  reading+=(--read-bucket "$(influx bucket list --name "$name" --org "$DOCKER_INFLUXDB_INIT_ORG" --hide-headers | cut -f 1)")
done
influx v1 auth create --username grafana --password "$(cat /run/secrets/influx_grafana_password)" --org "$DOCKER_INFLUXDB_INIT_ORG" "${reading[@]}"
