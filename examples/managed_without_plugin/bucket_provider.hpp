// Buckets of a made-up cloud, as an External: it implements the operations of the cloud and knows
// nothing about Kubernetes. The core decides when to create, observe or delete a bucket.
#pragma once

#include <memory>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>

namespace example {

// Talks to https://buckets.test through `cloud`, which must outlive it. Thread-safe.
std::unique_ptr<capstan::external::Provider> MakeBucketProvider(capstan::http::Transport& cloud);

}  // namespace example
