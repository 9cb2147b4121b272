// HealthChecks serves /healthz and /readyz: named checks, each of which explains its failure in one
// sentence. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::runtime {

class HealthChecks {
 public:
  // Must be fast, thread-safe and send no requests. Everything it captures must outlive this
  // object, or the check must be removed first with Remove.
  using Check = std::function<Status()>;
  void Add(std::string name, Check check);
  void Remove(const std::string& name);

  struct Report {
    bool healthy = true;
    // In the format of Kubernetes' own servers: "ok"; or, if verbose and always on failure, one
    // line per check ("[+]caches ok", "[-]lease failed: reason") and a closing line.
    std::string text;
  };
  Report Run(bool verbose) const;

 private:
  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::vector<std::pair<std::string, Check>> checks_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::runtime
