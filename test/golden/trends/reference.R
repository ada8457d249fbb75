# Reference values of test/golden/trends.test.ts: `Rscript test/golden/trends/reference.R > test/golden/trends/reference.json && npx oxfmt test/golden/trends`.
# R 4.2.2 with its stats package, survival (mean cumulative function), sandwich (robust errors) and jsonlite. What no package has is
# written out here from the paper, not from our code.
suppressMessages({library(jsonlite); library(survival); library(sandwich)})
grid <- function(...) expand.grid(..., KEEP.OUT.ATTRS = FALSE)

q <- grid(p = c(1e-6, .005, .025, .3, .5, .95, .975, .999), shape = c(.01, .05, .5, 1, 1.2, 16.5, 1234.5, 1e6))
q$x <- qgamma(q$p, q$shape)
d <- grid(times = c(.01, .5, .9, 1, 1.1, 2), shape = c(.05, .5, 1, 3, 15.5, 100, 1e5))
d$below <- pgamma(d$times * d$shape, d$shape); d$above <- pgamma(d$times * d$shape, d$shape, lower.tail = FALSE)
b <- grid(p = c(.005, .025, .3, .5, .95, .999), a = c(.5, 3, 500, 1e5), b = c(.5, 17, 800, 2e5))
b$x <- qbeta(b$p, b$a, b$b)
n <- data.frame(p = c(1e-10, .01, .025, .3, .5, .6, .99, .999)); n$z <- qnorm(n$p)

g <- grid(events = c(0, 1, 2, 5, 37, 4000), exposure = c(.25, 8, 900), confidence = c(.9, .95, .99))
ci <- t(mapply(function(x, t, c) poisson.test(x, t, conf.level = c)$conf.int, g$events, g$exposure, g$confidence))
g$low <- ci[, 1]; g$high <- ci[, 2]

# Marshall (1991), with dispersion.
shrunk <- function(x, n, phi) {
  r <- x / n; m <- sum(x) / sum(n)
  A <- sum(n * (r - m)^2) / sum(n) - phi * m * length(x) / sum(n)
  a <- m^2 / A + x / phi; w <- m / A + n / phi
  list(events = x, exposure = n, dispersion = phi, fleet = m, between = A, rate = a / w, low = qgamma(.05, a, w), high = qgamma(.95, a, w),
       exceedance = pgamma(2 * m, a, w, lower.tail = FALSE))
}
s <- list(shrunk(c(0, 1, 2, 9, 0, 4, 25, 3), c(12, 12, 11.5, 12, 3, 24, 36, 1), 1),
          shrunk(c(0, 1, 2, 9, 0, 4, 25, 3), c(12, 12, 11.5, 12, 3, 24, 36, 1), 1.81))

k <- grid(before = c(0, 3, 40), after = c(0, 1, 12, 90), exposureBefore = c(12, 100), exposureAfter = c(6, 100))
k <- k[k$before + k$after > 0, ]
k[c("low", "high", "worse", "better")] <- t(mapply(function(x, y, s, t) {
  test <- poisson.test(c(y, x), c(t, s))
  c(test$conf.int, poisson.test(c(y, x), c(t, s), alternative = "greater")$p.value, poisson.test(c(y, x), c(t, s), alternative = "less")$p.value)
}, k$before, k$after, k$exposureBefore, k$exposureAfter))

# Crow (1974), time-truncated; Laplace's score.
trend <- function(t, T) {
  n <- length(t); beta <- n / sum(log(T / t)); u <- (mean(t) - T / 2) / (T * sqrt(1 / (12 * n)))
  c2 <- 2 * n / beta
  list(times = t, length = T, laplace = u, laplaceP = 2 * pnorm(-abs(u)), shape = beta,
       low = beta * qchisq(.025, 2 * n) / (2 * n), high = beta * qchisq(.975, 2 * n) / (2 * n),
       shapeP = min(1, 2 * min(pchisq(c2, 2 * n), 1 - pchisq(c2, 2 * n))))
}
u <- list(trend(c(5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478), 1500), trend(c(900, 1200, 1350, 1400, 1490), 1500), trend(750, 1500))

set.seed(20261122)
rows <- data.frame(cluster = rep(1:9, each = 6), month = rep(0:5, 9), age = rep(c(2, 7, 11, 3, 20, 15, 8, 1, 12), each = 6),
                   exposure = rep(c(1, 1, .5, 1, .9, 1), 9))
rows$events <- rpois(54, rows$exposure * exp(-.3 + .08 * rows$month + .05 * rows$age))
fit <- glm(events ~ month + age + offset(log(exposure)), poisson, rows, control = list(epsilon = 1e-15, maxit = 100))
v <- vcovCL(fit, cluster = rows$cluster, type = "HC0", cadjust = TRUE)
regression <- list(rows = rows, value = unname(coef(fit)), error = unname(sqrt(diag(v))), p = unname(2 * pnorm(-abs(coef(fit)) / sqrt(diag(v)))))

# Laney (2002).
laney <- function(x, n) {
  m <- sum(x) / sum(n); z <- (x / n - m) / sqrt(m / n); sz <- mean(abs(diff(z))) / 1.128
  list(events = x, exposure = n, centre = m, variation = sz, low = pmax(0, m - 3 * sz * sqrt(m / n)), high = m + 3 * sz * sqrt(m / n))
}
l <- list(laney(c(410, 455, 391, 502, 470, 433, 700), c(16000, 16200, 16100, 16350, 16300, 16000, 16409)), laney(c(0, 1, 0, 0, 2), c(10, 12, 9, 10, 11)))

# Benneyan (2001) with probability limits: the least number above the lower tail, the greatest before the upper one.
between <- function(mean) {
  p <- 1 / (1 + mean); tail <- pnorm(-3); least <- 0; while (pgeom(least, p) <= tail) least <- least + 1
  most <- qgeom(1 - tail, p); while (pgeom(most - 1, p, lower.tail = FALSE) <= tail) most <- most - 1
  list(mean = mean, low = least, high = most)
}
h <- lapply(c(1, 250, 7000, 41000), between)

t <- grid(faults = c(0, 1, 7, 300), exposure = c(40, 16409)); t$low <- 2 * t$exposure / qchisq(.975, 2 * t$faults + 2)
t$high <- ifelse(t$faults == 0, NA, 2 * t$exposure / qchisq(.025, 2 * t$faults))

m <- data.frame(count = c(1, 5, 6, 7, 10, 25, 100, 999)); m$rank <- qbinom(.025, m$count, .5)
# qbinom is the least k with P(X <= k) >= 0.025, so the kth order statistic has P(X < k) < 0.025; 0 means that there is none.

lives <- list(list(entry = 0, exit = 6, faults = c(.5, 3, 3.5)), list(entry = 2, exit = 8, faults = c(3, 7.25)), list(entry = 5, exit = 12, faults = numeric(0)),
  list(entry = 1.5, exit = 9.5, faults = c(2, 4, 6, 9.5)), list(entry = 7, exit = 14, faults = c(8, 13)), list(entry = 0, exit = 3, faults = I(1)))
spans <- do.call(rbind, lapply(seq_along(lives), function(i) {
  cuts <- c(lives[[i]]$entry, lives[[i]]$faults, lives[[i]]$exit); e <- c(rep(1, length(lives[[i]]$faults)), 0)
  s <- data.frame(id = i, start = head(cuts, -1), stop = tail(cuts, -1), event = e); s[s$stop > s$start, ]
}))
curve <- summary(survfit(Surv(start, stop, event) ~ 1, spans, id = id, robust = TRUE), times = c(1, 3, 5.5, 8, 10, 13.5), extend = TRUE)
mcf <- list(lives = lives, age = curve$time, mean = curve$cumhaz, error = curve$std.chaz)

# Spiegelhalter (2005), square-root scale, winsorised at 10 % (quantiles of type 7), additive.
funnel <- function(x, n) {
  m <- sum(x) / sum(n); s <- 1 / (2 * sqrt(n)); z <- (sqrt(x / n) - sqrt(m)) / s
  e <- quantile(z, c(.1, .9), type = 7); phi <- mean(pmin(e[2], pmax(e[1], z))^2); w <- 1 / s^2; I <- length(x)
  tau2 <- max(0, (I * phi - (I - 1)) / (sum(w) - sum(w^2) / sum(w)))
  z <- (sqrt(x / n) - sqrt(m)) / sqrt(s^2 + tau2); z <- ifelse(z < 0, pmax(z, pmin(0, qnorm(ppois(x, n * m)))), z)
  # The count between whole ones whose Poisson probability, or less, is 0.001: Q(x + 1, mean) = 0.001.
  least <- sapply(n * m, function(e) if (exp(-e) >= .001) 0 else uniroot(function(k) pgamma(e, k + 1, lower.tail = FALSE) - .001, c(0, e), tol = 1e-14)$root)
  list(events = x, exposure = n, target = m, dispersion = phi, between = tau2, z = z,
       high = (sqrt(m) + qnorm(.999) * sqrt(s^2 + tau2))^2, low = pmin(least / n, pmax(0, sqrt(m) - qnorm(.999) * sqrt(s^2 + tau2))^2))
}
f <- list(funnel(c(12, 40, 3, 0, 95, 31, 8, 22, 17, 60, 5, 44), c(10, 30, 4, 1.5, 50, 40, 9, 20, 25, 35, 2, 60)),
          funnel(c(10, 31, 4, 1, 51, 40, 9, 20, 25, 34, 2), c(10, 30, 4, 1.5, 50, 40, 9, 20, 25, 35, 2)))

up <- c(700, 720, 650, 20, 719); hours <- c(720, 720, 700, 720, 720)
a <- sum(up) / sum(hours); se <- sqrt(5 / 4 * sum((up - a * hours)^2)) / sum(hours)
availability <- list(up = up, hours = hours, value = a, low = a - qnorm(.975) * se, high = a + qnorm(.975) * se)

cat(toJSON(list(gammaQuantile = q, gamma = d, betaQuantile = b, normal = n, garwood = g, shrink = s, beforeAfter = k, trend = u, regression = regression,
  laney = l, between = h, mtbf = t, medianRank = m, mcf = mcf, funnel = f, availability = availability), digits = NA, auto_unbox = TRUE, na = "null", pretty = FALSE), "\n")
