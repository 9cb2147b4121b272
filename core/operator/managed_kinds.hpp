// Manage makes an operator manage the kinds of a provider that is linked into it: cloud objects
// with the create protocol of core/managed, without a plugin and without the capstan program.
//
//   Operator all({.name = "buckets"});
//   Manage(all, [](http::Transport& cloud) { return std::make_unique<BucketProvider>(cloud); });
//   return all.Run(argc, argv);
//
// Call it from the thread that configures the operator, before the operator runs.
#pragma once

#include <functional>
#include <memory>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/managed/options.hpp>
#include <capstan/core/operator/operator.hpp>

namespace capstan {

// Creates the provider for one run of the operator. `cloud` is its only connection to its cloud: it
// keeps within the quotas of the manifest, and refuses changing requests when the Lease is lost.
// Outlives the provider.
using ProviderFactory = std::function<std::unique_ptr<external::Provider>(http::Transport& cloud)>;

// `options`: an empty owner_id means the uid of namespace kube-system, read when the first object
// is reconciled; namespaces are replaced by the operator's, operator_namespace by the one of its
// Lease; `sharing` is filled in.
void Manage(Operator& all, ProviderFactory make, managed::ManagedOptions options = {});

}  // namespace capstan
