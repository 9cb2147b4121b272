// Private to core/managed. CloudPool caches one External per set of credentials, so that accounts
// are read once, plugins are not connected again for each reconcile, and one list serves all
// objects. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/managed/memory/shared_cloud.hpp>

namespace capstan::managed {

class CloudPool {
 public:
  // All references must outlive the pool and the clouds it returns; the pool must outlive the
  // clouds.
  CloudPool(external::Provider& provider, std::string kind, Scheduler& scheduler, Log& log, std::size_t few)
      : provider_(provider),
        kind_(std::move(kind)),
        scheduler_(scheduler),
        log_(log, {{"plugin", provider.manifest().name}, {"kind", kind_}}),
        few_(few) {}
  // Errors: those of Provider::Connect.
  Result<std::shared_ptr<SharedCloud>> Get(const external::Credentials& credentials, const Context& context);
  // A short digest of all keys and values: distinguishes credentials without revealing them.
  static std::string Fingerprint(const external::Credentials& credentials);

 private:
  static constexpr std::size_t kKept = 256;  // least recently used is evicted first
  struct Kept {
    std::shared_ptr<SharedCloud> cloud;
    Instant used;
  };
  // Key of the cache. Not the fingerprint: a token crafted to collide with another one's
  // fingerprint would act for that one's account.
  static std::string Key(const external::Credentials& credentials);

  // Constant after construction.
  external::Provider& provider_;
  const std::string kind_;
  Scheduler& scheduler_;
  FieldedLog log_;
  const std::size_t few_;  // see SharedCloud

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, Kept> kept_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
