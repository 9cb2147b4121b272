// MetadataWatch follows the metadata of objects without keeping any: a list, then a watch, which
// outlives all that an Informer's does. For callers that know what they need of each object
// already.
//
// Run blocks for as long as its context lives and belongs to one task, which calls the functions;
// they must be quick. What it is made with must outlive it. Failures are waited out, and logged as
// those of an Informer.
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
  std::string namespace_;  // empty: all, or the kind has none
  std::string label_selector;
  // A list is complete: what it does not hold is gone, or has lost its label.
  std::function<void(const std::vector<json::Metadata>&)> listed;
  std::function<void(const json::Metadata&)> changed;  // or appeared
  std::function<void(const json::Metadata&)> gone;     // or lost its label
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
