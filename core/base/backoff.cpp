#include <capstan/core/base/backoff.hpp>

#include <algorithm>
#include <cmath>

namespace capstan {

Duration BackoffDelay(const BackoffOptions& options, int failures, Random& random) {
  const double first = static_cast<double>(options.first.count());
  const double limit = static_cast<double>(options.limit.count());
  const double grown = first * std::pow(options.factor, std::max(0, failures - 1));
  const double full = std::min(std::isfinite(grown) ? grown : limit, limit);
  const double delay = full * (1.0 - options.jitter * random.Fraction());
  return Duration(static_cast<Duration::rep>(delay));
}

}  // namespace capstan
