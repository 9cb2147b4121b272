#include <map>
#include <utility>

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
    for (const auto& [key, row] : rows_) state.rows.push_back({key, row.text, row.revision});
    return state;
  }

  Status Commit(const std::string& key, SharedText text, std::uint64_t revision) override {
    MutexLock lock(mutex_);
    if (text) {
      rows_[key] = Row{std::move(text), revision};
    } else {
      rows_.erase(key);
    }
    revision_ = revision;
    return {};
  }

 private:
  struct Row {
    SharedText text;
    std::uint64_t revision = 0;
  };
  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, Row> rows_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t revision_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<Storage> MakeMemoryStorage() { return std::make_unique<MemoryStorage>(); }

}  // namespace capstan::apiserver
