#include <string>

#include <Poco/Data/RecordSet.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>
#include <capstan/local/disk/private_file.hpp>

namespace capstan::apiserver {
namespace {

using Poco::Data::Keywords::into;
using Poco::Data::Keywords::now;
using Poco::Data::Keywords::use;

// Identifies files of this program ("CPST") and their layout.
constexpr int kApplicationId = 0x43505354;
constexpr int kLayout = 1;
// How long Poco retries to open the file.
constexpr std::size_t kOpenSeconds = 1;

Failure Unavailable(const std::string& path, const Poco::Exception& error) {
  return Fail(Code::kUnavailable, StrCat("the data file ", path, " cannot be used: ", error.displayText()));
}

class SqliteStorage final : public Storage {
 public:
  explicit SqliteStorage(const std::string& path) : path_(path), session_("SQLite", path, kOpenSeconds) {}

  Status Prepare() {
    try {
      int id = 0, layout = 0;
      session_ << "PRAGMA application_id", into(id), now;
      session_ << "PRAGMA user_version", into(layout), now;
      int tables = 0;
      session_ << "SELECT count(*) FROM sqlite_master", into(tables), now;
      if (tables > 0 && id != kApplicationId) {
        return Fail(Code::kInvalidArgument,
                    StrCat(path_, " is a SQLite file of another program; name another data directory"));
      }
      if (tables > 0 && layout != kLayout) {
        return Fail(Code::kInvalidArgument,
                    StrCat(path_, " was written by another version of this program (layout ", layout,
                           ", not ", kLayout, "); name another data directory"));
      }
      std::string mode;
      session_ << "PRAGMA journal_mode = WAL", into(mode), now;
      session_ << "PRAGMA synchronous = NORMAL", now;
      session_ << "PRAGMA application_id = " + std::to_string(kApplicationId), now;
      session_ << "PRAGMA user_version = " + std::to_string(kLayout), now;
      session_ << "CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, text TEXT NOT NULL, revision "
                  "INTEGER NOT "
                  "NULL) WITHOUT ROWID",
          now;
      session_ << "CREATE TABLE IF NOT EXISTS latest (one INTEGER PRIMARY KEY CHECK (one = 1), revision "
                  "INTEGER NOT NULL)",
          now;
      session_ << "INSERT OR IGNORE INTO latest VALUES (1, 0)", now;
      return {};
    } catch (const Poco::Exception& error) {
      return Unavailable(path_, error);
    }
  }

  Result<StoredState> Load() override {
    MutexLock lock(mutex_);
    try {
      StoredState state;
      session_ << "SELECT revision FROM latest", into(revision_), now;
      state.revision = static_cast<std::uint64_t>(revision_);
      Poco::Data::Statement select(session_);
      std::string key, text;
      Poco::Int64 revision = 0;
      select << "SELECT key, text, revision FROM objects ORDER BY key", into(key), into(text), into(revision),
          Poco::Data::Keywords::range(0, 1);
      while (!select.done()) {
        if (select.execute() == 0) break;
        state.rows.push_back(
            {key, std::make_shared<const std::string>(text), static_cast<std::uint64_t>(revision)});
      }
      return state;
    } catch (const Poco::Exception& error) {
      return Unavailable(path_, error);
    }
  }

  Status Commit(const std::string& key, SharedText text, std::uint64_t revision) override {
    MutexLock lock(mutex_);
    try {
      // The statements are prepared once and bound to these members.
      key_ = key;
      text_ = text ? *text : std::string();
      revision_ = static_cast<Poco::Int64>(revision);
      session_.begin();
      if (text) {
        put_.execute();
      } else {
        remove_.execute();
      }
      latest_.execute();
      session_.commit();
      return {};
    } catch (const Poco::Exception& error) {
      try {
        if (session_.isTransaction()) session_.rollback();
      } catch (const Poco::Exception&) {
        // The first error is more informative.
      }
      return Unavailable(path_, error);
    }
  }

  void PrepareStatements() {
    put_ << "INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET text = excluded.text, "
            "revision = "
            "excluded.revision",
        use(key_), use(text_), use(revision_);
    remove_ << "DELETE FROM objects WHERE key = ?", use(key_);
    latest_ << "UPDATE latest SET revision = ?", use(revision_);
  }

 private:
  // Constant after construction.
  const std::string path_;

  // Guarded by mutex_.
  Mutex mutex_;
  Poco::Data::Session session_;
  std::string key_, text_;
  Poco::Int64 revision_ = 0;
  Poco::Data::Statement put_{session_}, remove_{session_}, latest_{session_};
};

}  // namespace

Result<std::unique_ptr<Storage>> OpenSqliteStorage(const std::string& path) {
  // The file contains Secrets.
  CAPSTAN_RETURN_IF_ERROR(disk::MakePrivateDatabase(path));
  try {
    Poco::Data::SQLite::Connector::registerConnector();
    auto storage = std::make_unique<SqliteStorage>(path);
    CAPSTAN_RETURN_IF_ERROR(storage->Prepare());
    storage->PrepareStatements();
    return std::unique_ptr<Storage>(std::move(storage));
  } catch (const Poco::Exception& error) {
    return Unavailable(path, error);
  }
}

}  // namespace capstan::apiserver
