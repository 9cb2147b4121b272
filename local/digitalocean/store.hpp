// Store is where a SimulatedCloud keeps its clusters, so that they are there again after a restart,
// kill -9 included. Called by one thread at a time (the cloud's own lock). Errors: kUnavailable,
// with the path and SQLite's words.
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
  // All or nothing, and on disk (or in the kernel's hands) when it returns: a killed process loses
  // nothing it answered.
  virtual Status Apply(const std::vector<StoredDocument>& changes) = 0;
};

// A file of SQLite, made when missing; its directory must exist.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);
// Lives as long as the object: two clouds in one test, one after the other, are a restart.
std::unique_ptr<Store> MakeMemoryStore();

}  // namespace capstan::simulated_digitalocean
