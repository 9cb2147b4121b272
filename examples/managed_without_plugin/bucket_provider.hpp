// Buckets of a made-up cloud, as an External: what the cloud can do, and nothing about Kubernetes.
// When a bucket is made, looked for again or removed is the core's to say.
#pragma once

#include <memory>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>

namespace example {

// Speaks to https://buckets.test through `cloud`, which must outlive it. Thread-safe.
std::unique_ptr<capstan::external::Provider> MakeBucketProvider(capstan::http::Transport& cloud);

}  // namespace example
