// Manage makes an operator look after the kinds of a provider that is linked into it: cloud objects
// under the create protocol of core/managed, without a plugin and without the capstan program.
//
//   Operator all({.name = "buckets"});
//   Manage(all, [](http::Transport& cloud) { return std::make_unique<BucketProvider>(cloud); });
//   return all.Run(argc, argv);
#pragma once

#include <functional>
#include <memory>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/managed/options.hpp>
#include <capstan/core/operator/operator.hpp>

namespace capstan {

// Makes the provider of one life. `cloud` is the only door it has to its cloud: it keeps within the
// quotas of the manifest, and refuses what would change something when the Lease is lost. Outlives
// the provider.
using ProviderFactory = std::function<std::unique_ptr<external::Provider>(http::Transport& cloud)>;

// `options`: owner_id empty is the uid of namespace kube-system, read when the first object comes;
// namespaces are the operator's, operator_namespace is where its Lease is; `sharing` is filled in.
void Manage(Operator& all, ProviderFactory make, managed::ManagedOptions options = {});

}  // namespace capstan
