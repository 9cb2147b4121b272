// The operator of the local stack: the same as `capstan run`, told to use the two local servers.
#pragma once

#include <string>

#include <capstan/apps/capstan/local/local_stack.hpp>
#include <capstan/core/base/process.hpp>

namespace capstan::app {

// All must outlive the call.
struct LocalOperatorParts {
  Scheduler& scheduler;
  Random& random;
  Files& files;
  Process& process;
  Log& log;
};

// Runs until the context stops. Objects of every namespace may use the local token. Errors: as
// RunOperator.
Status RunLocalOperator(const LocalAccess& access, const std::string& plugin_dir,
                        const LocalOperatorParts& parts, const Context& context);

}  // namespace capstan::app
