#include <capstan/core/kube/client.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/wire/api_status.hpp>

namespace capstan::kube {
namespace {

constexpr std::size_t kErrorBodyLimit = std::size_t{1} << 20;

std::string Describe(std::string_view verb, const Kind& kind, const ObjectKey& key) {
  return StrCat(verb, " ", kind.resource(), " ", key.ToString());
}

std::string_view ContentTypeOf(PatchType type) {
  switch (type) {
    case PatchType::kMerge:
      return "application/merge-patch+json";
    case PatchType::kJson:
      return "application/json-patch+json";
    case PatchType::kStrategicMerge:
      return "application/strategic-merge-patch+json";
    case PatchType::kApply:
      return "application/apply-patch+yaml";  // JSON is YAML
  }
  return "application/json";
}

std::string WithoutTrailingSlashes(std::string server) {
  while (!server.empty() && server.back() == '/') server.pop_back();
  return server;
}

std::string BodyOf(const DeleteOptions& options) {
  std::string body = R"({"kind":"DeleteOptions","apiVersion":"v1")";
  if (!options.propagation.empty()) body += ",\"propagationPolicy\":" + json::Quote(options.propagation);
  if (!options.uid.empty() || !options.resource_version.empty()) {
    body += ",\"preconditions\":{";
    if (!options.uid.empty()) body += "\"uid\":" + json::Quote(options.uid);
    if (!options.uid.empty() && !options.resource_version.empty()) body += ",";
    if (!options.resource_version.empty())
      body += "\"resourceVersion\":" + json::Quote(options.resource_version);
    body += "}";
  }
  return body + "}";
}

// Reads the body of a response without a success status.
std::string ReadAll(http::ByteStream& stream, const Context& context) {
  std::string body;
  while (body.size() < kErrorBodyLimit) {
    const auto piece = stream.Read(context);
    if (!piece || piece->empty()) break;
    body += *piece;
  }
  return body;
}

std::string DescribePatch(const Kind& kind, const ObjectKey& key, const PatchOptions& options) {
  std::string what = Describe("PATCH", kind, key);
  if (!options.subresource.empty()) what += StrCat(" (", options.subresource, ")");
  return what;
}

// What was read of a successful answer, or the error of one that cannot be read: the server has
// done what was asked.
template <class T>
Result<T> ReadOf(Result<T> read, int status, std::string_view what) {
  if (read) return read;
  Error error = std::move(read).error();
  error.code = Code::kDataLoss;
  error.sent = Sent::kYes;
  error.http_status = status;
  return Annotate(std::move(error), what);
}

bool Succeeded(int status) { return status >= 200 && status < 300; }

// A server gives the same answer for a missing object and for a subresource that the kind does not
// have; the latter must not make the caller forget the object.
Failure ExplainNotFound(Client& client, const Kind& kind, const ObjectKey& key,
                        const std::string& subresource, Error error, const Context& context) {
  if (!client.Get(kind, key, context)) return Fail(std::move(error));
  error.code = Code::kUnimplemented;
  error.message = StrCat(kind.resource(), " ", key, " exists but has no subresource ", subresource,
                         ": CustomResourceDefinition ", kind.resource(), " lacks subresources.", subresource,
                         "; the server says: ", error.message);
  return Fail(std::move(error));
}

}  // namespace

Client::Client(http::Transport& transport, const Clock& clock, ClientOptions options)
    : transport_(transport), clock_(clock), options_([&] {
        options.server = WithoutTrailingSlashes(std::move(options.server));
        return std::move(options);
      }()) {}

http::Request Client::MakeRequest(std::string method, const std::string& path,
                                  const std::string& query) const {
  http::Request request;
  request.method = std::move(method);
  request.url = StrCat(options_.server, path, query.empty() ? "" : "?", query);
  request.headers.Set("Accept", "application/json");
  return request;
}

Result<http::Response> Client::Send(const http::Request& request, std::string_view what,
                                    const Context& context) {
  const Instant started = clock_.Now();
  return Judge(
      transport_.Send(request, context.Within(clock_, options_.request_timeout)), [&] { return what; },
      started);
}

template <class What>
Result<http::Response> Client::Judge(Result<http::Response> response, const What& what, Instant started) {
  if (!response) return Annotate(std::move(response).error(), what());
  NoteDate(response->headers, started);
  if (!Succeeded(response->status)) return Fail(ErrorFromAnswer(*response, what()));
  return response;
}

Result<Object> Client::SendForObject(const http::Request& request, std::string_view what,
                                     const Context& context) {
  CAPSTAN_TRY(http::Response response, Send(request, what, context));
  const int status = response.status;
  return ReadOf(Object::Parse(std::move(response.body)), status, what);
}

Result<http::StreamResponse> Client::Open(const http::Request& request, std::string_view what,
                                          const Context& context) {
  const Instant started = clock_.Now();
  const Context bounded = context.Within(clock_, options_.request_timeout);
  auto response = transport_.Open(request, bounded);
  if (!response) return Annotate(std::move(response).error(), what);
  NoteDate(response->headers, started);
  if (Succeeded(response->status)) return response;
  const http::Response whole{response->status, response->headers, ReadAll(*response->body, bounded)};
  return Fail(ErrorFromAnswer(whole, what));
}

Result<Object> Client::Get(const Kind& kind, const ObjectKey& key, const Context& context) {
  return SendForObject(MakeRequest("GET", PathOf(kind, key.namespace_, key.name)), Describe("GET", kind, key),
                       context);
}

Result<Object> Client::Create(const Kind& kind, const std::string& namespace_, const std::string& json,
                              const Context& context) {
  http::Request request = MakeRequest("POST", PathOf(kind, namespace_),
                                      http::BuildQuery({{"fieldManager", options_.field_manager}}));
  request.headers.Set("Content-Type", "application/json");
  request.body = json;
  return SendForObject(
      request, StrCat("create in ", kind.resource(), namespace_.empty() ? "" : " of namespace ", namespace_),
      context);
}

Result<Object> Client::Update(const Kind& kind, const ObjectKey& key, const std::string& json,
                              const Context& context) {
  http::Request request = MakeRequest("PUT", PathOf(kind, key.namespace_, key.name),
                                      http::BuildQuery({{"fieldManager", options_.field_manager}}));
  request.headers.Set("Content-Type", "application/json");
  request.body = json;
  return SendForObject(request, Describe("PUT", kind, key), context);
}

http::Request Client::MakePatch(const Kind& kind, const ObjectKey& key, PatchType type,
                                const std::string& patch, const PatchOptions& options) const {
  std::vector<std::pair<std::string, std::string>> query = {{"fieldManager", options_.field_manager}};
  if (options.dry_run) query.emplace_back("dryRun", "All");
  if (options.force && type == PatchType::kApply) query.emplace_back("force", "true");
  http::Request request = MakeRequest("PATCH", PathOf(kind, key.namespace_, key.name, options.subresource),
                                      http::BuildQuery(query));
  request.headers.Set("Content-Type", std::string(ContentTypeOf(type)));
  request.body = patch;
  return request;
}

Result<http::Response> Client::SendPatch(const Kind& kind, const ObjectKey& key, PatchType type,
                                         const std::string& patch, const PatchOptions& options,
                                         const std::string& what, const Context& context) {
  auto response = Send(MakePatch(kind, key, type, patch, options), what, context);
  if (response || options.subresource.empty() || response.error().code != Code::kNotFound) return response;
  return ExplainNotFound(*this, kind, key, options.subresource, std::move(response).error(), context);
}

std::vector<Result<std::string>> Client::PatchAll(const Kind& kind, const std::vector<PatchCall>& calls,
                                                  PatchType type, const PatchOptions& options,
                                                  const Context& context) {
  std::vector<http::Request> requests;
  requests.reserve(calls.size());
  for (const PatchCall& call : calls)
    requests.push_back(MakePatch(kind, call.key, type, call.patch, options));
  const Instant started = clock_.Now();
  auto responses = transport_.SendAll(requests, context.Within(clock_, options_.request_timeout));
  std::vector<Result<std::string>> answers;
  answers.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    auto response = Judge(
        std::move(responses[i]), [&] { return DescribePatch(kind, calls[i].key, options); }, started);
    if (response) {
      answers.emplace_back(std::move(response->body));
    } else if (options.subresource.empty() || response.error().code != Code::kNotFound) {
      answers.emplace_back(tl::make_unexpected(std::move(response).error()));
    } else {
      answers.emplace_back(ExplainNotFound(*this, kind, calls[i].key, options.subresource,
                                           std::move(response).error(), context));
    }
  }
  return answers;
}

Result<Object> Client::Patch(const Kind& kind, const ObjectKey& key, PatchType type, const std::string& patch,
                             const PatchOptions& options, const Context& context) {
  const std::string what = DescribePatch(kind, key, options);
  CAPSTAN_TRY(http::Response response, SendPatch(kind, key, type, patch, options, what, context));
  const int status = response.status;
  return ReadOf(Object::Parse(std::move(response.body)), status, what);
}

Result<std::string> Client::PatchForVersion(const Kind& kind, const ObjectKey& key, PatchType type,
                                            const std::string& patch, const PatchOptions& options,
                                            const Context& context) {
  const std::string what = DescribePatch(kind, key, options);
  CAPSTAN_TRY(const http::Response response, SendPatch(kind, key, type, patch, options, what, context));
  return ReadOf(json::ScanResourceVersion(response.body), response.status, what);
}

Result<Object> ObjectIn(const Result<std::string>& answer) {
  if (!answer) return Fail(answer.error());
  return ReadOf(Object::Parse(*answer), 200, "the answer to a patch");
}

Status Client::Delete(const Kind& kind, const ObjectKey& key, const DeleteOptions& options,
                      const Context& context) {
  http::Request request = MakeRequest("DELETE", PathOf(kind, key.namespace_, key.name));
  request.headers.Set("Content-Type", "application/json");
  request.body = BodyOf(options);
  CAPSTAN_RETURN_IF_ERROR(Send(request, Describe("DELETE", kind, key), context));
  return {};
}

Result<std::string> Client::GetPath(const std::string& path, const Context& context) {
  CAPSTAN_TRY(http::Response response, Send(MakeRequest("GET", path), "GET " + path, context));
  return std::move(response.body);
}

// A Date header is truncated to the second and delayed by the time of the response. So the server's
// clock is between Date, seen now, and Date plus a second, seen at the time of the request: the
// best lower bound is kept until a response proves it too high.
void Client::NoteDate(const http::Headers& headers, Instant started) {
  const auto date = headers.Get("Date");
  if (!date) return;
  const auto time = ParseHttpDate(*date);
  if (!time) return;
  const Duration at_least = time->time_since_epoch() - clock_.Now().time_since_epoch();
  const Duration at_most = time->time_since_epoch() + std::chrono::seconds(1) - started.time_since_epoch();
  MutexLock lock(mutex_);
  if (!server_offset_ || at_least > *server_offset_ || at_most < *server_offset_) server_offset_ = at_least;
}

WallTime Client::ServerTime() const {
  MutexLock lock(mutex_);
  if (!server_offset_) return clock_.WallNow();
  return WallTime(clock_.Now().time_since_epoch() + *server_offset_);
}

}  // namespace capstan::kube
