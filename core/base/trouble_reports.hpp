// TroubleReports decides which failures of a thing that is tried again and again become a line of
// the log: the first one; a refusal with other words than those that were reported, at once; and
// the same one after a pause, while it lasts. All ways of not being answered (unreachable, 5xx, a
// quota that is used up) are one trouble, whatever their words.
//
// A value; not thread-safe. Bounded: of a server that finds new words each time it reports at most
// kMostWords refusals in a pause.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan {

class TroubleReports {
 public:
  static constexpr Duration kOnce = Duration::max();  // as a pause: the same words once until Over
  static constexpr std::size_t kMostWords = 8;

  explicit TroubleReports(Duration pause) : pause_(pause) {}

  // Whether to report this failure; then it counts as reported. `doing` keeps apart what fails,
  // where one server is asked for several things.
  bool IsNews(const Error& error, Instant now, std::string_view doing = "");
  // It works again: the next failure is reported, whatever its words.
  void Over() { reported_.clear(); }

 private:
  Duration pause_;
  std::map<std::string, Instant> reported_;  // words: when
};

}  // namespace capstan
