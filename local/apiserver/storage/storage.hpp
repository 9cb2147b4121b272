// Storage keeps what the server knows beyond its own life: rows of key, text and revision. All
// reading while it runs is done from memory (object_store.hpp); a Storage is read once, at start,
// and written at every change.
//
// Thread-safe. A Storage may outlive its server and be handed to the next one: that is a restart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::apiserver {

// An object as JSON in its storage version. Never changes; its owners share it, so that what lies
// in memory lies there once.
using SharedText = std::shared_ptr<const std::string>;

struct StoredRow {
  std::string key;  // "/registry/GROUP/PLURAL/NAMESPACE/NAME"
  SharedText text;
  std::uint64_t revision = 0;
};

struct StoredState {
  std::vector<StoredRow> rows;  // sorted by key
  std::uint64_t revision = 0;   // of the last change; 0: never written
};

class Storage {
 public:
  virtual ~Storage() = default;
  // Everything. Errors: kUnavailable, kDataLoss (the file is damaged), naming the place.
  virtual Result<StoredState> Load() = 0;
  // One change, whole or not at all, and durable on return: `text` null removes the key. Revisions
  // only grow. Errors: kUnavailable (disk full, I/O error); nothing was changed then.
  virtual Status Commit(const std::string& key, SharedText text, std::uint64_t revision) = 0;
};

// Lost with the process.
std::unique_ptr<Storage> MakeMemoryStorage();

// A SQLite file at `path`, made when missing. Write-ahead log with synchronous=NORMAL: a commit
// survives kill -9 of this process; a power cut may take the last ones but leaves the file whole.
// FULL would cost an fsync a write, which a server for development should not make its user wait
// for. Errors as of Load, and kInvalidArgument (not our file).
Result<std::unique_ptr<Storage>> OpenSqliteStorage(const std::string& path);

}  // namespace capstan::apiserver
