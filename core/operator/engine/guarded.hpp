// Private to core/operator: calls of functions that the author of an operator wrote.
#pragma once

#include <exception>
#include <string>

#include <capstan/core/base/log.hpp>

namespace capstan {

// What an author's function returns; where it throws, the log says so and `otherwise` holds. Such
// functions look at changes on the way into the cache, where an exception would end the process.
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
