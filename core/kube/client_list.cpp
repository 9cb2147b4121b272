// Streams lists: only one item is in memory, not the page.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/item_splitter.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/wire/api_status.hpp>

namespace capstan::kube {
namespace {

constexpr std::string_view kWhole = "application/json";
constexpr std::string_view kMetadataOnly =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
// A bound for servers that never end a list; Kubernetes' own clients continue as far.
constexpr int kPageLimit = 10000;

std::string ListQuery(const ListOptions& options) {
  std::vector<std::pair<std::string, std::string>> query;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query.emplace_back(name, value);
  };
  add("labelSelector", options.label_selector);
  add("fieldSelector", options.field_selector);
  if (options.limit > 0) query.emplace_back("limit", std::to_string(options.limit));
  add("continue", options.continue_token);
  // A continue token contains its own version; servers reject both together.
  if (options.continue_token.empty()) add("resourceVersion", options.resource_version);
  return http::BuildQuery(query);
}

Result<ListHead> HeadOf(const std::string& rest, std::string_view what) {
  if (auto failure = FailureIn(rest, what)) return Fail(std::move(*failure));
  CAPSTAN_TRY(const json::ObjectPtr document, json::ParseObject(rest));
  const json::ObjectPtr metadata = json::ObjectIn(document, "metadata");
  if (!metadata || !document->has("items")) {
    return Fail(Code::kDataLoss, StrCat(what, ": the answer is not a list"));
  }
  ListHead head;
  head.resource_version = json::StringIn(metadata, "resourceVersion").value_or("");
  head.continue_token = json::StringIn(metadata, "continue").value_or("");
  head.remaining = json::IntegerIn(metadata, "remainingItemCount");
  return head;
}

}  // namespace

Result<ListHead> Client::ListAs(std::string_view accept, const Kind& kind, const std::string& namespace_,
                                const ListOptions& options,
                                const std::function<Status(std::string_view)>& item, const Context& context) {
  const std::string what = StrCat("list ", kind.resource(), namespace_.empty() ? "" : " in ", namespace_);
  http::Request request = MakeRequest("GET", PathOf(kind, namespace_), ListQuery(options));
  request.headers.Set("Accept", std::string(accept));
  CAPSTAN_TRY(http::StreamResponse response, Open(request, what, context));
  json::ItemSplitter splitter(item);
  for (;;) {
    auto piece = response.body->Read(context.Within(clock_, options_.request_timeout));
    if (!piece) return Annotate(std::move(piece).error(), what);
    if (piece->empty()) break;
    if (auto fed = splitter.Feed(*piece); !fed) return Annotate(std::move(fed).error(), what);
  }
  auto rest = splitter.Finish();
  if (!rest) return Annotate(std::move(rest).error(), what);
  return HeadOf(*rest, what);
}

Result<ListHead> Client::List(const Kind& kind, const std::string& namespace_, const ListOptions& options,
                              const std::function<Status(std::string_view)>& item, const Context& context) {
  return ListAs(kWhole, kind, namespace_, options, item, context);
}

Result<ListHead> Client::ListMetadata(const Kind& kind, const std::string& namespace_,
                                      const ListOptions& options,
                                      const std::function<Status(std::string_view)>& item,
                                      const Context& context) {
  return ListAs(kMetadataOnly, kind, namespace_, options, item, context);
}

Result<std::vector<Object>> Client::ListAll(const Kind& kind, const std::string& namespace_,
                                            const ListOptions& options, const Context& context) {
  std::vector<Object> objects;
  ListOptions page = options;
  for (int pages = 0; pages < kPageLimit; ++pages) {
    CAPSTAN_TRY(const ListHead head, List(
                                         kind, namespace_, page,
                                         [&](std::string_view text) -> Status {
                                           CAPSTAN_TRY(Object object, Object::Parse(std::string(text)));
                                           objects.push_back(std::move(object));
                                           return {};
                                         },
                                         context));
    if (head.continue_token.empty()) return objects;
    page.continue_token = head.continue_token;
  }
  return Fail(Code::kDataLoss, StrCat("list ", kind.resource(), ": the server's pages do not end"));
}

}  // namespace capstan::kube
