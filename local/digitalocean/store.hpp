// Store persists the clusters of a SimulatedCloud across restarts, including kill -9. Not
// thread-safe: the lock of the cloud serializes calls. Errors: kUnavailable, with the path and
// SQLite's message.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::simulated_digitalocean {

// A document under a key; an empty document removes it.
struct StoredDocument {
  std::string key;
  std::string document;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::vector<StoredDocument>> Load() = 0;
  // Writes all changes or none. They are on disk (or in the kernel's buffers) on return: a killed
  // process loses nothing that it acknowledged.
  virtual Status Apply(const std::vector<StoredDocument>& changes) = 0;
};

// A SQLite file, created when missing; its directory must exist.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);
// Lives as long as the object: a test simulates a restart with two consecutive clouds on one store.
std::unique_ptr<Store> MakeMemoryStore();

}  // namespace capstan::simulated_digitalocean
