// MetadataWatch follows the metadata of objects without caching any of it: a list, then a watch
// that recovers from failures as an Informer's does. For callers that already know what they need
// of each object.
//
// Run blocks until its context stops. One task calls it, and the callbacks run on that task; they
// must be fast. Everything passed to the constructor must outlive it. Failures are retried with
// backoff and logged as an Informer's are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::runtime {

struct MetadataWatchOptions {
  kube::Kind kind;
  std::string namespace_;  // empty: all, or the kind is cluster-scoped
  std::string label_selector;
  // A list is complete: objects it does not contain were deleted or lost the label.
  std::function<void(const std::vector<json::Metadata>&)> listed;
  std::function<void(const json::Metadata&)> changed;  // or was added
  std::function<void(const json::Metadata&)> gone;     // or lost the label
};

class MetadataWatch {
 public:
  MetadataWatch(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                MetadataWatchOptions options)
      : client_(client), scheduler_(scheduler), random_(random), log_(log), options_(std::move(options)) {}
  void Run(const Context& context);

 private:
  kube::Client& client_;
  Scheduler& scheduler_;
  Random& random_;
  Log& log_;
  const MetadataWatchOptions options_;
};

}  // namespace capstan::runtime
