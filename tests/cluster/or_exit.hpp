// For test suites: prerequisites without which nothing can be tested. If one is missing, the
// process ends with a message.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <capstan/core/base/result.hpp>

namespace capstan::cluster {

[[noreturn]] inline void Exit(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

// The value; on an error the process ends with a message that begins with `who`.
template <class T>
T OrExit(Result<T> result, const std::string& who = "the cluster under test") {
  if (!result) Exit(who + ": " + result.error().message);
  return std::move(*result);
}

}  // namespace capstan::cluster
