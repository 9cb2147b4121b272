#include <capstan/core/runtime/metadata_watch.hpp>

#include <capstan/core/runtime/queue/workqueue_core.hpp>
#include <capstan/core/runtime/watch/watcher.hpp>

namespace capstan::runtime {
namespace {

class Sink final : public WatchSink {
 public:
  explicit Sink(const MetadataWatchOptions& options) : options_(options) {}

  void BeginReplace(bool) override { staged_.clear(); }
  Status Stage(std::string_view json) override {
    CAPSTAN_TRY(json::Metadata object, json::ScanMetadata(json));
    staged_.push_back(std::move(object));
    return {};
  }
  void EndReplace(std::uint64_t) override {
    options_.listed(staged_);
    std::vector<json::Metadata>().swap(staged_);
  }
  Result<std::uint64_t> Put(std::string_view json) override { return Notify(json, options_.changed); }
  Result<std::uint64_t> Remove(std::string_view json) override { return Notify(json, options_.gone); }
  void Bookmark(std::uint64_t) override {}

 private:
  static Result<std::uint64_t> Notify(std::string_view json,
                                      const std::function<void(const json::Metadata&)>& told) {
    CAPSTAN_TRY(const json::Metadata object, json::ScanMetadata(json));
    told(object);
    return ParseResourceVersion(object.resource_version);
  }

  const MetadataWatchOptions& options_;
  std::vector<json::Metadata> staged_;
};

}  // namespace

void MetadataWatch::Run(const Context& context) {
  Sink sink(options_);
  WatchTarget target{options_.kind, options_.namespace_, options_.label_selector, "", true};
  Watcher(client_, scheduler_, random_, log_, std::move(target), {}, sink).Run(context);
}

}  // namespace capstan::runtime
