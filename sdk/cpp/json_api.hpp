// JsonApi is a client for clouds with a JSON API over HTTP. It encodes URL segments, adds headers
// and token, extracts the cloud's error messages, reads lists completely or returns an error, and
// returns outcomes that say what became of a change. One request per call, never repeated: the core
// decides about retries.
//
//     JsonApi api(setup, {.url = "https://api.mycloud.example/v1", .token = token,
//                         .message = "/error/message", .reason = "/error/code"});
//     CAPSTAN_TRY(const Json server, api.Get({"servers", id}, context));
//     CAPSTAN_TRY(const Json::Array all,
//                 api.All({"servers"}, {.items = "/servers", .next = "/meta/next_page",
//                                       .total = "/meta/total_entries"}, context));
//     return api.Create({"servers"}, body, "/server/id", context);
//
// A path is a list of segments, each encoded separately, so an id cannot change the path. JSON
// pointers follow RFC 6901. Thread-safe; everything in Setup must outlive it.
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

// (Every member has an initialiser, so that designated initialisers cause no warning with -Wextra.)
struct JsonApiOptions {
  std::string url = {};              // if the configuration has none; may end in a path
  std::string url_field = "apiURL";  // the configuration field with another URL
  Secret token = {};                 // empty: no token is sent
  std::string token_header = "Authorization";
  std::string token_prefix = "Bearer ";
  std::vector<std::pair<std::string, std::string>> headers = {};  // with every request
  // Details of a refusal, as pointers into its body.
  std::string message = "/message";
  std::string reason = {};
  // The cloud's id for a request: a header, or a pointer into a refusal ("/request_id").
  std::string request_id = "x-request-id";
};

// How a list is paginated.
struct Listing {
  std::string items = {};  // pointer to the page's items: "/servers"; empty: the body is the list
  // Pointer to the reference to the next page, which is absent, null, false, 0 or empty on the
  // last: a number or text for the query parameter `cursor`, or the URL of the next page. Empty:
  // see `pages`.
  std::string next = {};
  std::string cursor = "page";
  std::string pages = {};  // pointer to the number of pages, which are numbered from 1
  std::string total = {};  // pointer to the total number of items; empty: the cloud does not report it
};

// How an operation reports its progress.
struct Operation {
  std::string state = {};  // pointer: "/status"
  std::vector<std::string> done = {}, failed = {};
  std::string message = {};  // pointer to the reason of a failure
};

class JsonApi {
 public:
  using Path = std::vector<std::string>;
  using Query = std::vector<std::pair<std::string, std::string>>;

  // An invalid URL is reported by the first request: kInvalidArgument.
  JsonApi(const Setup& setup, JsonApiOptions options);

  // One exchange. Errors carry status, Retry-After, request id and the cloud's message; kDataLoss
  // if a 2xx contains no JSON (an empty body is null, except for GET, which must return one),
  // kInvalidArgument if a segment is not allowed in a path (empty, "." or ".."); then nothing is
  // sent.
  Result<Json> Send(std::string_view method, const Path& path, const Query& query, const Json& body,
                    const Context& context) const;
  Result<Json> Get(const Path& path, const Context& context, const Query& query = {}) const {
    return Send("GET", path, query, Json(), context);
  }
  // Nothing for a 404, and only then.
  Result<std::optional<Json>> GetIfThere(const Path& path, const Context& context) const;

  // All items of all pages, in the cloud's order. Complete, or an error: kDataLoss if `items` is
  // not a list, the pages do not add up to `total`, or a page refers to one that was already read.
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

  // The union of several lists, each object once, converted by `read`: for Find.
  Result<std::vector<Observed>> Observe(const Path& path, const Listing& listing,
                                        const std::vector<Query>& queries,
                                        Result<Observed> (*read)(const Json&), const Context& context) const;

  // A POST that creates an object; the outcome contains the id at pointer `id`, a text or a number.
  Outcome Create(const Path& path, const Json& body, std::string_view id, const Context& context) const;
  // Any request that changes an existing object: the outcome is done, not found (404), or follows
  // from the error.
  Outcome Change(std::string_view method, const Path& path, const Json& body, const Context& context) const;
  Outcome Remove(const Path& path, const Context& context) const {
    return Change("DELETE", path, Json(), context);
  }

  // Polls an operation of the cloud once: true when it is done, false while it runs. Errors:
  // kFailedPrecondition with the cloud's message if it failed, and those of Get.
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

// The id as text, from a text or a whole number; empty for anything else.
std::string IdIn(const Json& value);
// The texts of a list, and of an object; other values are omitted.
std::vector<std::string> TextsIn(const Json& list);
std::map<std::string, std::string> TextMapIn(const Json& object);
Json JsonOf(const std::vector<std::string>& texts);
Json JsonOf(const std::map<std::string, std::string>& texts);

// Maps a state of the cloud to a phase; `otherwise` for states that are not listed.
Phase PhaseOf(std::string_view state, std::initializer_list<std::pair<std::string_view, Phase>> phases,
              Phase otherwise);
// The credential for that key. Errors: kInvalidArgument, naming what the Secret lacks.
Result<Secret> CredentialIn(const Credentials& credentials, const std::string& key);

// The plan for an object that does not exist yet: create it.
Plan PlanToCreate(std::string target, std::string why);
// Adds the difference of one field to a plan and, unless the object has yet to be created, a step
// with this verb that changes it, with the desired value as its argument `name`.
void AddChange(Plan& plan, const Observed& observed, std::string verb, const std::string& field,
               const Json& wanted, const Json& seen, std::string name);
// Nothing was done, because a prerequisite could not be read.
Outcome NotBegun(Error error);

}  // namespace capstan::sdk
