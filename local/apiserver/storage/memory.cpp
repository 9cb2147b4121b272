#include <map>

#include <capstan/core/base/mutex.hpp>
#include <capstan/local/apiserver/storage/storage.hpp>

namespace capstan::apiserver {
namespace {

class MemoryStorage final : public Storage {
 public:
  Result<StoredState> Load() override {
    MutexLock lock(mutex_);
    StoredState state;
    state.revision = revision_;
    for (const auto& [key, row] : rows_) state.rows.push_back(row);
    return state;
  }

  Status Commit(const std::string& key, const std::string* text, std::uint64_t revision) override {
    MutexLock lock(mutex_);
    if (text) {
      rows_[key] = StoredRow{key, *text, revision};
    } else {
      rows_.erase(key);
    }
    revision_ = revision;
    return {};
  }

 private:
  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, StoredRow> rows_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t revision_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<Storage> MakeMemoryStorage() { return std::make_unique<MemoryStorage>(); }

}  // namespace capstan::apiserver
