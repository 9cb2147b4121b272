// HealthChecks answers /healthz and /readyz: named checks, each a sentence when it fails.
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::runtime {

class HealthChecks {
 public:
  // Quick, thread-safe, without requests. What it uses must outlive this, or be removed with
  // Remove.
  using Check = std::function<Status()>;
  void Add(std::string name, Check check);
  void Remove(const std::string& name);

  struct Report {
    bool healthy = true;
    // As Kubernetes' own servers answer: "ok", or with verbose (and always on failure) a line for
    // each check ("[+]caches ok", "[-]lease failed: reason") and a closing line.
    std::string text;
  };
  Report Run(bool verbose) const;

 private:
  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::vector<std::pair<std::string, Check>> checks_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::runtime
