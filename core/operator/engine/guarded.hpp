// Private to core/operator: calls functions that the author of an operator wrote. As thread-safe as
// these.
#pragma once

#include <exception>
#include <string>

#include <capstan/core/base/log.hpp>

namespace capstan {

// Returns what the author's function returns; if it throws, logs that and returns `otherwise`. Such
// functions run on the way into the cache, where an exception would end the process.
template <class Result, class Function>
Result Guarded(Log& log, const std::string& what, Result otherwise, const Function& call) {
  std::string why = "something that is not a std::exception";
  try {
    return call();
  } catch (const std::exception& exception) {
    why = exception.what();
  } catch (...) {
  }
  log.Error("a function of the operator threw", {{"function", what}, {"error", why}});
  return otherwise;
}

}  // namespace capstan
