#include <Poco/Data/RecordSet.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/store.hpp>
#include <capstan/local/disk/private_file.hpp>
#include <map>

namespace capstan::simulated_digitalocean {
namespace {

using namespace Poco::Data::Keywords;  // into(), use(), now: the keywords of Poco's statements

class MemoryStore final : public Store {
 public:
  Result<std::vector<StoredDocument>> Load() override {
    std::vector<StoredDocument> documents;
    for (const auto& [key, document] : documents_) documents.push_back({key, document});
    return documents;
  }
  Status Apply(const std::vector<StoredDocument>& changes) override {
    for (const StoredDocument& change : changes) {
      if (change.document.empty())
        documents_.erase(change.key);
      else
        documents_[change.key] = change.document;
    }
    return {};
  }

 private:
  std::map<std::string, std::string> documents_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, Poco::Data::Session session)
      : path_(std::move(path)), session_(std::move(session)) {}

  Result<std::vector<StoredDocument>> Load() override {
    try {
      std::vector<std::string> keys, documents;
      session_ << "SELECT key, document FROM objects ORDER BY key", into(keys), into(documents), now;
      std::vector<StoredDocument> stored;
      for (std::size_t i = 0; i < keys.size(); ++i) stored.push_back({keys[i], documents[i]});
      return stored;
    } catch (const Poco::Exception& error) {
      return Failed("reading", error);
    }
  }

  Status Apply(const std::vector<StoredDocument>& changes) override {
    try {
      session_.begin();
      for (const StoredDocument& change : changes) {
        std::string key = change.key, document = change.document;
        if (document.empty())
          session_ << "DELETE FROM objects WHERE key = ?", use(key), now;
        else
          session_ << "INSERT OR REPLACE INTO objects (key, document) VALUES (?, ?)", use(key), use(document),
              now;
      }
      session_.commit();
      return {};
    } catch (const Poco::Exception& error) {
      try {
        if (session_.isTransaction()) session_.rollback();
      } catch (const Poco::Exception&) {
        // The first error is the informative one.
      }
      return Failed("writing", error);
    }
  }

 private:
  Failure Failed(const char* what, const Poco::Exception& error) const {
    return Fail(Code::kUnavailable,
                StrCat(what, " the simulated cloud's data at ", path_, " failed: ", error.displayText(),
                       "; check the disk and the file's permissions"));
  }

  const std::string path_;
  Poco::Data::Session session_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path) {
  // The file contains Secrets.
  CAPSTAN_RETURN_IF_ERROR(disk::MakePrivateDatabase(path));
  try {
    // Reference-counted; extra calls are harmless.
    Poco::Data::SQLite::Connector::registerConnector();
    // Poco retries for this many seconds when a file cannot be opened; the first error is the right
    // one.
    Poco::Data::Session session(Poco::Data::SQLite::Connector::KEY, path, 1);
    // A write-ahead log survives a killed process without a sync for each request; only a power
    // failure can lose the latest changes.
    std::string mode;
    session << "PRAGMA journal_mode = WAL", into(mode), now;
    session << "PRAGMA synchronous = NORMAL", now;
    session << "CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, document TEXT NOT NULL)", now;
    return std::make_unique<SqliteStore>(path, std::move(session));
  } catch (const Poco::Exception& error) {
    return Fail(Code::kUnavailable,
                StrCat("opening the simulated cloud's data at ", path, " failed: ", error.displayText(),
                       "; the directory must exist and the file must be a SQLite database"));
  }
}

std::unique_ptr<Store> MakeMemoryStore() { return std::make_unique<MemoryStore>(); }

}  // namespace capstan::simulated_digitalocean
