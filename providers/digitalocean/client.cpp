#include <charconv>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/item_splitter.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/providers/digitalocean/detail/client.hpp>

namespace capstan::digitalocean {
namespace {

using external::Outcome;
using external::Verdict;

// 200,000 clusters: a list without end is an error, not an infinite loop
constexpr int kPageLimit = 1000;

// What a user can do about a response, if the API's message does not say it.
std::string_view Advice(int status) {
  switch (status) {
    case 401:
      return ". Check the token: it is wrong, expired or revoked";
    case 403:
      return ". The token lacks a scope for this";
    case 429:
      return ". The token's quota of requests is used up";
    default:
      return "";
  }
}

// The time left until a Unix time in a header; nothing if it is not a number, in the past, or more
// than an hour away.
std::optional<Duration> Until(std::string_view unix_time, WallTime now) {
  std::int64_t at = 0;
  const auto text = Trim(unix_time);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), at);
  const auto present = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (error != std::errc() || end != text.data() + text.size() || at <= present || at - present > 3600)
    return std::nullopt;
  return WallTime(std::chrono::seconds(at)) - now;
}

}  // namespace

std::string ClusterPath(const std::string& id) { return StrCat(kClusters, "/", UrlEncode(id)); }

Error Client::Refusal(const http::Response& response, const std::string& what) const {
  auto error = http::ErrorFromStatus(response, what);
  if (auto body = json::ParseObject(response.body)) {
    auto message = json::StringIn(*body, "message");
    error.reason = json::StringIn(*body, "id").value_or("");
    if (message) error.message = StrCat(what, ": ", Shorten(WithoutFullStop(*message), 1000));
    if (auto id = json::StringIn(*body, "request_id")) error.request_id = *id;
  }
  error.message += Advice(response.status);
  if (!error.request_id.empty()) error.message += StrCat(" (request id ", error.request_id, ")");
  // Above the hourly limit there is no Retry-After, only the time at which the oldest request stops
  // counting.
  auto reset = response.headers.Get("ratelimit-reset");
  if (response.status == 429 && !error.retry_after && reset) {
    error.retry_after = Until(*reset, clock_.WallNow());
  }
  return error;
}

Result<http::Response> Client::Call(const std::string& method, const std::string& path,
                                    const std::string& body, const std::string& what,
                                    const Context& context) {
  http::Request request;
  request.method = method;
  request.url = base_url_ + path;
  request.headers.Set("Authorization", StrCat("Bearer ", token_.Reveal()));
  request.headers.Set("Accept", "application/json");
  if (!body.empty()) request.headers.Set("Content-Type", "application/json");
  request.body = body;
  auto response = transport_.Send(request, context);
  if (!response) return Annotate(std::move(response).error(), what);
  if (response->status / 100 != 2) return Failure(Refusal(*response, what));
  return response;
}

Result<json::ObjectPtr> Client::Get(const std::string& path, const std::string& what,
                                    const Context& context) {
  CAPSTAN_TRY(http::Response response, Call("GET", path, "", what, context));
  auto object = json::ParseObject(response.body);
  if (!object)
    return Fail(Code::kDataLoss, StrCat(what, ": the answer is not a JSON object: ", object.error().message));
  return object;
}

Result<Client::ListPage> Client::GetPage(const std::string& path, const std::string& key, std::int64_t page,
                                         const std::string& what, const Context& context) {
  CAPSTAN_TRY(const http::Response response,
              Call("GET", StrCat(path, "?page=", page, "&per_page=", kPageSize), "", what, context));
  ListPage result;
  json::ItemSplitterOptions options;
  options.key = key;
  json::ItemSplitter splitter(
      [&](std::string_view item) -> Status {
        result.items.emplace_back(item);
        return {};
      },
      std::move(options));
  const auto malformed = [&](const Error& error) {
    return Fail(Code::kDataLoss, StrCat(what, ": ", error.message));
  };
  if (const auto fed = splitter.Feed(response.body); !fed) return malformed(fed.error());
  const auto text = splitter.Finish();
  if (!text) return malformed(text.error());
  CAPSTAN_TRY(const json::ObjectPtr rest, json::ParseObject(*text));
  const auto total = json::IntegerIn(json::ObjectIn(rest, "meta"), "total");
  if (!json::ArrayIn(rest, key) || !total)
    return Fail(Code::kDataLoss, StrCat(what, ": the answer has no ", key, " or no meta.total"));
  result.total = *total;
  return result;
}

Result<std::vector<std::string>> Client::GetAll(const std::string& path, const std::string& key,
                                                const std::string& what, const Context& context,
                                                const std::string& id) {
  std::vector<std::string> all;
  std::set<std::string> ids;
  std::optional<std::int64_t> total;
  for (std::int64_t page = 1; page <= kPageLimit; ++page) {
    CAPSTAN_TRY(ListPage got, GetPage(path, key, page, what, context));
    // A list that changes during reading may miss an object; only an unchanged one proves an
    // absence.
    if (total && *total != got.total)
      return Fail(Code::kDataLoss, StrCat(what, ": the list changed while it was read"));
    total = got.total;
    auto before = all.size();
    for (auto& item : got.items) {
      const auto named = json::StringAt(item, "/" + id);
      if (!named || !*named) return Fail(Code::kDataLoss, StrCat(what, ": an item has no ", id));
      if (ids.insert(**named).second) all.push_back(std::move(item));
    }
    // Stops after a page without new items, because the API's behaviour past the last page is
    // unknown.
    if (static_cast<std::int64_t>(all.size()) >= *total || all.size() == before) break;
  }
  if (static_cast<std::int64_t>(all.size()) != *total)
    return Fail(Code::kDataLoss,
                StrCat(what, ": the pages hold ", all.size(), " items, the API counts ", *total));
  return all;
}

Outcome OutcomeOf(Error error, bool absent_is_not_found) {
  int status = error.http_status;
  auto verdict = Verdict::kUnknown;
  if (status == 0 && error.sent == Sent::kNo) {
    verdict = error.code == Code::kInvalidArgument ? Verdict::kRejected : Verdict::kWait;
  } else if (error.sent == Sent::kYes && status == 429) {
    verdict = Verdict::kWait;
  } else if (error.sent == Sent::kYes && status == 404 && absent_is_not_found) {
    verdict = Verdict::kNotFound;
  } else if (error.sent == Sent::kYes && external::CertainlyRefused(status)) {
    verdict = Verdict::kRejected;
  }
  return Outcome{verdict, "", std::move(error)};
}

Outcome ReadFailed(Error error) {
  error.sent = Sent::kNo;
  error.http_status = external::CertainlyRefused(error.http_status) ? error.http_status : 0;
  return Outcome{Verdict::kWait, "", std::move(error)};
}

Outcome Refuse(Code code, std::string message) {
  return Outcome{Verdict::kRejected, "", MakeError(code, std::move(message))};
}

}  // namespace capstan::digitalocean
