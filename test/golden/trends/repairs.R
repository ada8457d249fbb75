# What is expected after a repair, and many tests at once: reference values for test/golden/trends.test.ts, by R's own distributions.
# Rscript repairs.R > repairs.json
library(jsonlite)
prior <- c(shape = 1.2, weight = 14.5)
cases <- data.frame(before = c(0, 3, 7, 40), exposureBefore = c(2.5, 11.9, 36, 30.1), exposureAfter = c(5.9, 5.9, 12, 3.2), after = c(0, 1, 9, 1))
shape <- prior[["shape"]] + cases$before
weight <- prior[["weight"]] + cases$exposureBefore
# Gamma-Poisson: events after are negative binomial.
chance <- weight / (weight + cases$exposureAfter)
cases$mean <- shape * cases$exposureAfter / weight
cases$better <- pnbinom(cases$after, size = shape, prob = chance)
cases$atLeast <- pnbinom(cases$after - 1, size = shape, prob = chance, lower.tail = FALSE)
p <- sort(c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1))
cat(toJSON(list(prior = as.list(prior), cases = cases, p = p, adjusted = p.adjust(p, "BH")), digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
