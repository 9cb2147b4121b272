#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/wire/watch_frames.hpp>

namespace capstan::kube {
namespace {

constexpr char kMetadataOnlyWatch[] =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

std::string WatchQuery(const WatchOptions& options) {
  std::vector<std::pair<std::string, std::string>> query = {
      {"watch", "1"},
      {"allowWatchBookmarks", "true"},
      {"timeoutSeconds", std::to_string(options.timeout.count())}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query.emplace_back(name, value);
  };
  add("labelSelector", options.label_selector);
  add("fieldSelector", options.field_selector);
  add("resourceVersion", options.resource_version);
  if (options.send_initial_events) {
    query.emplace_back("sendInitialEvents", "true");
    query.emplace_back("resourceVersionMatch", "NotOlderThan");
  }
  return http::BuildQuery(query);
}

class StreamWatch final : public Watch {
 public:
  StreamWatch(std::unique_ptr<http::ByteStream> body, std::string what)
      : body_(std::move(body)), what_(what), frames_(std::move(what)) {}

  Result<std::optional<WatchEvent>> Next(const Context& context) override {
    if (broken_) return Fail(*broken_);
    for (;;) {
      auto event = frames_.Next();
      if (!event) return Broken(std::move(event).error());
      if (*event || ended_) return event;
      auto piece = body_->Read(context);
      if (!piece) {
        // The deadline passed or the caller stopped: the stream itself is still usable.
        const Code code = piece.error().code;
        if (code == Code::kDeadlineExceeded || code == Code::kCancelled) {
          return Annotate(std::move(piece).error(), what_);
        }
        return Broken(Annotate(std::move(piece).error(), what_).value());
      }
      if (piece->empty()) {
        ended_ = true;
        if (auto whole = frames_.Finish(); !whole) return Broken(std::move(whole).error());
      } else {
        frames_.Feed(*piece);
      }
    }
  }

 private:
  // After a break the order of events is unknown: every later call returns the same error.
  Failure Broken(Error error) {
    broken_ = error;
    return Fail(std::move(error));
  }

  std::unique_ptr<http::ByteStream> body_;
  const std::string what_;
  WatchFrames frames_;
  bool ended_ = false;
  std::optional<Error> broken_;
};

}  // namespace

Result<std::unique_ptr<Watch>> Client::OpenWatch(const Kind& kind, const std::string& namespace_,
                                                 const WatchOptions& options, const Context& context) {
  std::string what = StrCat("watch ", kind.resource(), namespace_.empty() ? "" : " in ", namespace_);
  http::Request request = MakeRequest("GET", PathOf(kind, namespace_), WatchQuery(options));
  if (options.metadata_only) request.headers.Set("Accept", kMetadataOnlyWatch);
  CAPSTAN_TRY(http::StreamResponse response, Open(request, what, context));
  return std::make_unique<StreamWatch>(std::move(response.body), std::move(what));
}

}  // namespace capstan::kube
