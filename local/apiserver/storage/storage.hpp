// Storage persists the server's state: rows of key, text and revision. A running server reads from
// memory (object_store.hpp); it reads its Storage once, at start, and writes it at every change.
//
// Thread-safe. A Storage can outlive its server and be passed to the next one, which is how tests
// restart a server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::apiserver {

// An object as JSON in its storage version. Immutable and shared by its owners, so that memory
// contains each text once.
using SharedText = std::shared_ptr<const std::string>;

struct StoredRow {
  std::string key;  // "/registry/GROUP/PLURAL/NAMESPACE/NAME"
  SharedText text;
  std::uint64_t revision = 0;
};

struct StoredState {
  std::vector<StoredRow> rows;  // sorted by key
  std::uint64_t revision = 0;   // of the latest change; 0: never written
};

class Storage {
 public:
  virtual ~Storage() = default;
  // Reads everything. Errors: kUnavailable, kDataLoss (the file is damaged), naming the place.
  virtual Result<StoredState> Load() = 0;
  // Writes one change atomically; it is durable on return. `text` null removes the key. Revisions
  // only grow. Errors: kUnavailable (disk full, I/O error); then nothing was changed.
  virtual Status Commit(const std::string& key, SharedText text, std::uint64_t revision) = 0;
};

// Lost when the process ends.
std::unique_ptr<Storage> MakeMemoryStorage();

// A SQLite file at `path`, created when missing. Write-ahead log with synchronous=NORMAL: a commit
// survives kill -9 of this process; a power failure can lose the latest commits but never corrupts
// the file. FULL would add an fsync to every write, a delay that a development server should not
// impose. Errors: those of Load, and kInvalidArgument (not a file of this program).
Result<std::unique_ptr<Storage>> OpenSqliteStorage(const std::string& path);

}  // namespace capstan::apiserver
