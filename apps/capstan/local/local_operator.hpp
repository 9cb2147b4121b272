// The operator of the local stack: the same as `capstan run`, on the two local servers.
#pragma once

#include <functional>
#include <string>

#include <capstan/apps/capstan/local/local_stack.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::app {

// All must outlive the call.
struct LocalOperatorParts {
  Scheduler& scheduler;
  Random& random;
  Files& files;
  Process& process;
  Log& log;
};

// Where the page is served; empty: nowhere. `serving` is called with its URL.
struct LocalPage {
  std::string address;
  std::function<void(const std::string& url)> serving;
};

// How a client of ours connects to the API of the local stack, as its administrator.
kube::ClusterAccess ClusterAccessOf(const LocalAccess& access);

// Runs until the context stops. Objects of every namespace may use the local token. Errors: as
// RunOperator.
Status RunLocalOperator(const LocalAccess& access, const std::string& plugin_dir,
                        const LocalOperatorParts& parts, const Context& context, const LocalPage& page = {});

}  // namespace capstan::app
