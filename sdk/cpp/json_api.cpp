#include <capstan/sdk/cpp/json_api.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>

namespace capstan::sdk {
namespace {

constexpr std::size_t kPageLimit = 100'000;

bool IsUrl(std::string_view text) { return text.starts_with("https://") || text.starts_with("http://"); }

// The reference to the next page; nothing on the last.
std::string NextIn(const Json& value) {
  if (value.is_string()) return value.AsString();
  return value.AsInteger() > 0 ? std::to_string(value.AsInteger()) : std::string();
}

Failure Broken(std::string message) {
  return Fail(Code::kDataLoss, std::move(message),
              Sent::kMaybe);  // the response does not tell whether it was carried out
}

}  // namespace

JsonApi::JsonApi(const Setup& setup, JsonApiOptions options)
    : transport_(setup.transport), options_(std::move(options)) {
  const auto config = Json::Parse(setup.config);
  if (config && !options_.url_field.empty())
    options_.url = (*config)[options_.url_field].AsString(options_.url);
  while (options_.url.ends_with('/')) options_.url.pop_back();
}

Result<std::string> JsonApi::UrlOf(const Path& path, const Query& query) const {
  if (!IsUrl(options_.url))
    return Fail(Code::kInvalidArgument,
                StrCat("\"", options_.url, "\" is no URL of an API; set ", options_.url_field));
  std::string url = options_.url;
  for (const std::string& segment : path) {
    // Servers and proxies resolve these, encoded or not, so they would address something else.
    if (segment.empty() || segment == "." || segment == "..")
      return Fail(Code::kInvalidArgument,
                  StrCat("\"", segment, "\" cannot be part of a path of the cloud's API"));
    url += "/" + UrlEncode(segment);
  }
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + UrlEncode(name) + "=" + UrlEncode(value);
    separator = '&';
  }
  return url;
}

Result<Json> JsonApi::Send(std::string_view method, const Path& path, const Query& query, const Json& body,
                           const Context& context) const {
  CAPSTAN_TRY(const std::string url, UrlOf(path, query));
  return SendTo(method, url, body, context);
}

Result<Json> JsonApi::SendTo(std::string_view method, const std::string& url, const Json& body,
                             const Context& context) const {
  http::Request request;
  request.method = method;
  request.url = url;
  for (const auto& [name, value] : options_.headers) request.headers.Set(name, value);
  if (!options_.token.empty())
    request.headers.Set(options_.token_header, options_.token_prefix + std::string(options_.token.Reveal()));
  if (!body.is_null()) {
    request.headers.Set("Content-Type", "application/json");
    request.body = body.ToText();
  }
  CAPSTAN_TRY(const http::Response response, transport_.Send(request, context));
  auto answer = Json::Parse(response.body);
  if (response.status < 200 || response.status >= 300)
    return Fail(Refusal(response, method, url, answer ? *answer : Json()));
  if (answer && (answer->is_object() || answer->is_array())) return answer;
  if (response.body.empty() && method != "GET") return Json();
  return Broken(StrCat("the answer to ", method, " ", url, " is no JSON object or list"));
}

Error JsonApi::Refusal(const http::Response& response, std::string_view method, const std::string& url,
                       const Json& body) const {
  Error error = http::ErrorFromStatus(response, StrCat(method, " ", url));
  if (const std::string words = body.At(options_.message).AsString();
      !options_.message.empty() && !words.empty())
    error.message = words;
  if (!options_.reason.empty()) error.reason = body.At(options_.reason).AsString();
  if (options_.request_id.starts_with('/')) {
    error.request_id = body.At(options_.request_id).AsString(error.request_id);
  } else if (const auto id = response.headers.Get(options_.request_id)) {
    error.request_id = std::string(*id);
  }
  return error;
}

Result<std::optional<Json>> JsonApi::GetIfThere(const Path& path, const Context& context) const {
  auto answer = Get(path, context);
  if (!answer && answer.error().http_status == 404) return std::optional<Json>();
  if (!answer) return Fail(std::move(answer).error());
  return std::optional<Json>(*std::move(answer));
}

Result<JsonApi::Part> JsonApi::PageOf(const Path& path, const Listing& listing, const std::string& cursor,
                                      const Context& context, const Query& query) const {
  // The token is sent to the configured origin only, whatever a response says.
  if (IsUrl(cursor) && !cursor.starts_with(options_.url + "/") && !cursor.starts_with(options_.url + "?"))
    return Broken(StrCat("a page of the list leads to ", cursor, ", which is not the cloud's API"));
  Query asked = query;
  if (!cursor.empty()) asked.emplace_back(listing.cursor, cursor);
  CAPSTAN_TRY(const std::string url, IsUrl(cursor) ? Result<std::string>(cursor) : UrlOf(path, asked));
  CAPSTAN_TRY(const Json answer, SendTo("GET", url, Json(), context));
  const Json& items = answer.At(listing.items);
  if (!items.is_array())
    return Broken(StrCat("the answer to GET ", url, " holds no list at ", listing.items));
  Part part;
  part.items = items.items();
  if (!listing.total.empty()) {
    const std::int64_t total = answer.At(listing.total).AsInteger(-1);
    if (total < 0) return Broken(StrCat("the answer to GET ", url, " holds no total at ", listing.total));
    part.total = total;
  }
  if (!listing.next.empty()) {
    part.next = NextIn(answer.At(listing.next));
  } else if (!listing.pages.empty()) {
    const std::int64_t pages = answer.At(listing.pages).AsInteger(-1);
    if (pages < 0)
      return Broken(StrCat("the answer to GET ", url, " holds no number of pages at ", listing.pages));
    std::int64_t page = 1;
    for (std::size_t i = 0; !cursor.empty() && i < cursor.size(); ++i)
      page = (i == 0 ? 0 : page * 10) + (cursor[i] - '0');
    if (page < pages) part.next = std::to_string(page + 1);
  }
  return part;
}

Result<Json::Array> JsonApi::All(const Path& path, const Listing& listing, const Context& context,
                                 const Query& query) const {
  Json::Array all;
  std::set<std::string> read;
  std::string cursor;
  std::optional<std::int64_t> total;
  do {
    CAPSTAN_TRY(Part part, PageOf(path, listing, cursor, context, query));
    if (total && part.total != total)
      return Broken("the list changed while it was read; its total is another");
    total = part.total;
    std::move(part.items.begin(), part.items.end(), std::back_inserter(all));
    cursor = part.next;
    if (!cursor.empty() && !read.insert(cursor).second)
      return Broken("the pages of the list lead in a circle");
    if (read.size() > kPageLimit) return Broken("the list has no end");
  } while (!cursor.empty());
  if (total && *total != static_cast<std::int64_t>(all.size()))
    return Broken(StrCat("the pages of the list hold ", all.size(), " items, its total is ", *total));
  return all;
}

Result<std::vector<Observed>> JsonApi::Observe(const Path& path, const Listing& listing,
                                               const std::vector<Query>& queries,
                                               Result<Observed> (*read)(const Json&),
                                               const Context& context) const {
  std::vector<Observed> all;
  std::set<std::string> ids;
  for (const Query& query : queries) {
    CAPSTAN_TRY(const Json::Array items, All(path, listing, context, query));
    for (const Json& item : items) {
      CAPSTAN_TRY(Observed one, read(item));
      if (ids.insert(one.id).second) all.push_back(std::move(one));
    }
  }
  return all;
}

Outcome JsonApi::Create(const Path& path, const Json& body, std::string_view id,
                        const Context& context) const {
  const auto answer = Send("POST", path, {}, body, context);
  if (!answer) return Failed(answer.error());
  if (std::string made = IdIn(answer->At(id)); !made.empty()) return Done(std::move(made));
  return Failed(Broken(StrCat("the answer holds no id at ", id)).value());
}

Outcome JsonApi::Change(std::string_view method, const Path& path, const Json& body,
                        const Context& context) const {
  const auto answer = Send(method, path, {}, body, context);
  if (!answer && answer.error().http_status == 404) return NotFound();
  return answer ? Done() : Failed(answer.error());
}

Result<bool> JsonApi::IsDone(const Path& path, const Operation& operation, const Context& context) const {
  CAPSTAN_TRY(const Json answer, Get(path, context));
  const std::string state = answer.At(operation.state).AsString();
  const auto is = [&](const std::vector<std::string>& states) {
    return std::find(states.begin(), states.end(), state) != states.end();
  };
  if (is(operation.done)) return true;
  if (!is(operation.failed)) return false;
  const std::string why = answer.At(operation.message).AsString();
  return Fail(Code::kFailedPrecondition,
              operation.message.empty() || why.empty() ? "the operation failed: " + state : why);
}

std::string IdIn(const Json& value) {
  if (value.is_string()) return value.AsString();
  return value == Json(value.AsInteger()) ? std::to_string(value.AsInteger()) : std::string();
}

std::vector<std::string> TextsIn(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list.items()) {
    if (item.is_string()) texts.push_back(item.AsString());
  }
  return texts;
}

std::map<std::string, std::string> TextMapIn(const Json& object) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : object.fields()) {
    if (value.is_string()) texts[name] = value.AsString();
  }
  return texts;
}

Json JsonOf(const std::vector<std::string>& texts) {
  Json list = Json::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  return list;
}

Json JsonOf(const std::map<std::string, std::string>& texts) {
  Json object = Json::EmptyObject();
  for (const auto& [name, value] : texts) object.Set(name, value);
  return object;
}

Phase PhaseOf(std::string_view state, std::initializer_list<std::pair<std::string_view, Phase>> phases,
              Phase otherwise) {
  for (const auto& [name, phase] : phases) {
    if (name == state) return phase;
  }
  return otherwise;
}

Result<Secret> CredentialIn(const Credentials& credentials, const std::string& key) {
  const auto found = credentials.data.find(key);
  if (found != credentials.data.end() && !found->second.empty()) return found->second;
  return Fail(Code::kInvalidArgument,
              StrCat("the Secret has no key \"", key, "\"; put the credential there"));
}

void AddChange(Plan& plan, const Observed& observed, std::string verb, const std::string& field,
               const Json& wanted, const Json& seen, std::string name) {
  if (wanted == seen) return;
  const bool fresh = observed.id.empty();
  plan.differences.push_back({field, wanted.ToText(), fresh ? "" : seen.ToText()});
  if (fresh) return;
  Step step;
  step.verb = std::move(verb);
  step.target = name;
  step.why = StrCat(field, " is ", wanted.ToText(), ", there it is ", seen.ToText());
  step.waits = true;
  step.arguments = Json().Set(std::move(name), wanted).ToText();
  plan.steps.push_back(std::move(step));
}

Plan PlanToCreate(std::string target, std::string why) {
  Step step;
  step.verb = "create";
  step.target = std::move(target);
  step.why = std::move(why);
  step.makes = true;
  Plan plan;
  plan.steps.push_back(std::move(step));
  return plan;
}

Outcome NotBegun(Error error) { return Outcome{Verdict::kWait, "", std::move(error)}; }

}  // namespace capstan::sdk
