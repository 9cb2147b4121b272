// The operator of the local stack: that of `capstan run`, connected to the two local servers.
// RunLocalOperator blocks its thread.
#pragma once

#include <functional>
#include <string>

#include <capstan/apps/capstan/local/local_stack.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::app {

// The references must outlive the call.
struct LocalOperatorParts {
  Scheduler& scheduler;
  Random& random;
  Files& files;
  Process& process;
  Log& log;
};

// The address of the web page; empty: none. `serving` is called with its URL.
struct LocalPage {
  std::string address;
  std::function<void(const std::string& url)> serving;
};

// The access of a client to the API of the local stack, as its administrator.
kube::ClusterAccess ClusterAccessOf(const LocalAccess& access);

// Runs until the context stops. Objects in every namespace can use the local token. Errors: those
// of RunOperator.
Status RunLocalOperator(const LocalAccess& access, const std::string& plugin_dir,
                        const LocalOperatorParts& parts, const Context& context, const LocalPage& page = {});

}  // namespace capstan::app
