// JsonApi speaks to a cloud whose HTTP API is JSON: URLs whose segments are encoded, headers and
// token, errors in the cloud's own words, lists that are complete or an error, and outcomes that
// say what became of a change. One request a call, never repeated: the core decides when.
//
//   JsonApi api(setup, {.url = "https://api.mycloud.example/v1", .token = token, .message =
//   "/error/message", .reason = "/error/code"}); CAPSTAN_TRY(const Json server, api.Get({"servers",
//   id}, context)); CAPSTAN_TRY(const Json::Array all, api.All({"servers"}, {.items = "/servers",
//   .next = "/meta/next_page", .total = "/meta/total_entries"}, context)); return
//   api.Create({"servers"}, body, "/server/id", context);
//
// Paths are segments, each of which becomes one: an id never leads elsewhere. JSON pointers are RFC
// 6901. Thread-safe; what Setup holds must outlive it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/external/tags.hpp>
#include <capstan/sdk/cpp/json.hpp>
#include <capstan/sdk/cpp/plugin.hpp>

namespace capstan::sdk {

using external::IdentityIn;
using external::IdentityInTags;
using external::LabelsOf;
using external::WithIdentity;

// (Every member has an initialiser, so that naming some of them is no warning of -Wextra.)
struct JsonApiOptions {
  std::string url = {};              // where the configuration names none; may end in a path
  std::string url_field = "apiURL";  // the configuration's field that names another
  Secret token = {};                 // empty: none is sent
  std::string token_header = "Authorization";
  std::string token_prefix = "Bearer ";
  std::vector<std::pair<std::string, std::string>> headers = {};  // with every request
  // Where a refusal says more, as pointers into its body.
  std::string message = "/message";
  std::string reason = {};
  // The cloud's id for a request: a header, or a pointer into a refusal ("/request_id").
  std::string request_id = "x-request-id";
};

// How a list is cut into pages.
struct Listing {
  std::string items = {};  // pointer to the page's items: "/servers"; empty: the body is the list
  // Pointer to what leads to the next page, absent, null, false, 0 or empty on the last: a number
  // or a text for the query parameter `cursor`, or the URL of the next page. Empty: see `pages`.
  std::string next = {};
  std::string cursor = "page";
  std::string pages = {};  // pointer to how many pages there are; they are counted from 1
  std::string total = {};  // pointer to how many items there are in all; empty: the cloud does not say
};

// How an operation says how far it is.
struct Operation {
  std::string state = {};  // pointer: "/status"
  std::vector<std::string> done = {}, failed = {};
  std::string message = {};  // pointer to why it failed
};

class JsonApi {
 public:
  using Path = std::vector<std::string>;
  using Query = std::vector<std::pair<std::string, std::string>>;

  // Errors, at the first request: kInvalidArgument where the URL is none.
  JsonApi(const Setup& setup, JsonApiOptions options);

  // One exchange. Errors keep status, Retry-After, request id and the cloud's words; kDataLoss
  // where a 2xx holds no JSON (an empty body is null, except for GET, which must answer),
  // kInvalidArgument where a segment cannot stand in a path (empty, "." or ".."): nothing is sent
  // then.
  Result<Json> Send(std::string_view method, const Path& path, const Query& query, const Json& body,
                    const Context& context) const;
  Result<Json> Get(const Path& path, const Context& context, const Query& query = {}) const {
    return Send("GET", path, query, Json(), context);
  }
  // Nothing on a 404, and only then.
  Result<std::optional<Json>> GetIfThere(const Path& path, const Context& context) const;

  // All items of all pages, in the cloud's order. Complete, or an error: kDataLoss where `items` is
  // no list, the pages do not add up to `total`, or a page leads to one that was read already.
  Result<Json::Array> All(const Path& path, const Listing& listing, const Context& context,
                          const Query& query = {}) const;
  // One page and the cursor of the next, for List.
  struct Part {
    Json::Array items;
    std::string next;
    std::optional<std::int64_t> total;
  };
  Result<Part> PageOf(const Path& path, const Listing& listing, const std::string& cursor,
                      const Context& context, const Query& query = {}) const;

  // All that any of the queries lists, each object once, as `read` reads it: for Find.
  Result<std::vector<Observed>> Observe(const Path& path, const Listing& listing,
                                        const std::vector<Query>& queries,
                                        Result<Observed> (*read)(const Json&), const Context& context) const;

  // A POST that makes something; the outcome holds the id that stands at `id`, a text or a number.
  Outcome Create(const Path& path, const Json& body, std::string_view id, const Context& context) const;
  // Any request that changes what is there: done, not found (404), or what the error means.
  Outcome Change(std::string_view method, const Path& path, const Json& body, const Context& context) const;
  Outcome Remove(const Path& path, const Context& context) const {
    return Change("DELETE", path, Json(), context);
  }

  // Looks once at an operation of the cloud: true when it is done, false while it runs. Errors:
  // kFailedPrecondition with the cloud's words where it failed, and those of Get.
  Result<bool> IsDone(const Path& path, const Operation& operation, const Context& context) const;

 private:
  Result<std::string> UrlOf(const Path& path, const Query& query) const;
  Result<Json> SendTo(std::string_view method, const std::string& url, const Json& body,
                      const Context& context) const;
  Error Refusal(const http::Response& response, std::string_view method, const std::string& url,
                const Json& body) const;

  http::Transport& transport_;
  JsonApiOptions options_;
};

// An id as text, whether the cloud has texts or whole numbers; empty for anything else.
std::string IdIn(const Json& value);
// A list of texts, and an object of texts; what is none is left out.
std::vector<std::string> TextsIn(const Json& list);
std::map<std::string, std::string> TextMapIn(const Json& object);
Json JsonOf(const std::vector<std::string>& texts);
Json JsonOf(const std::map<std::string, std::string>& texts);

// The phase of a state of the cloud; `otherwise` for states that are not named.
Phase PhaseOf(std::string_view state, std::initializer_list<std::pair<std::string_view, Phase>> phases,
              Phase otherwise);
// The credential of that key. Errors: kInvalidArgument, naming what the Secret lacks.
Result<Secret> CredentialIn(const Credentials& credentials, const std::string& key);

// The plan for what is not there yet: to create it.
Plan PlanToCreate(std::string target, std::string why);
// Adds to a plan that one field is not as wanted: the difference, and unless the object is only to
// be created, a step of this verb that changes it, with the wanted value as its argument `name`.
void AddChange(Plan& plan, const Observed& observed, std::string verb, const std::string& field,
               const Json& wanted, const Json& seen, std::string name);
// Nothing was done: what is needed first could not be had.
Outcome NotBegun(Error error);

}  // namespace capstan::sdk
