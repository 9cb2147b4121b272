// TroubleReports decides which failures of a retried operation are logged: the first one; a refusal
// with a new message, immediately; and the same one again after a pause, while it lasts. All ways
// of getting no answer (unreachable, 5xx, an exhausted quota) count as the same failure, whatever
// their message.
//
// A value; not thread-safe. Bounded: if a server uses a new message each time, it reports at most
// kMostWords refusals per pause.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan {

class TroubleReports {
 public:
  static constexpr Duration kOnce = Duration::max();  // as a pause: each message once until Over
  static constexpr std::size_t kMostWords = 8;

  explicit TroubleReports(Duration pause) : pause_(pause) {}

  // Whether to report this failure; then it counts as reported. `doing` distinguishes several
  // operations on the same server.
  bool IsNews(const Error& error, Instant now, std::string_view doing = "");
  // The operation succeeded: the next failure is reported, whatever its message.
  void Over() { reported_.clear(); }

 private:
  Duration pause_;
  std::map<std::string, Instant> reported_;  // message: time of its last report
};

}  // namespace capstan
