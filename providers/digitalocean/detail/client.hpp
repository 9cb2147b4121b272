// Private to providers/digitalocean: sends requests to the DigitalOcean API and interprets the
// responses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

inline constexpr char kClusters[] = "/v2/kubernetes/clusters";
std::string ClusterPath(const std::string& id);  // of one cluster

// Thread-safe. One request per call, never repeated.
class Client {
 public:
  // `transport` and `clock` must outlive it. `base_url` has no trailing slash.
  Client(http::Transport& transport, Clock& clock, std::string base_url, Secret token)
      : transport_(transport), clock_(clock), base_url_(std::move(base_url)), token_(std::move(token)) {}

  // Returns any 2xx response. Errors: those of the Transport; other responses by their status, with
  // the API's message, id and request id. `what` describes the attempt for people: "list clusters".
  Result<http::Response> Call(const std::string& method, const std::string& path, const std::string& body,
                              const std::string& what, const Context& context);
  // GET of a JSON object. Further errors: kDataLoss.
  Result<json::ObjectPtr> Get(const std::string& path, const std::string& what, const Context& context);
  // Every item of a paginated list under `key`, as text; `id` identifies an item. Callers parse one
  // item at a time, which takes a tenth of the memory of all trees. Further errors: kDataLoss when
  // the pages do not add up to meta.total.
  Result<std::vector<std::string>> GetAll(const std::string& path, const std::string& key,
                                          const std::string& what, const Context& context,
                                          const std::string& id = "id");
  // One page, numbered from 1. `total` is meta.total. The inside of the items is not checked.
  struct ListPage {
    std::vector<std::string> items;  // JSON objects
    std::int64_t total = 0;
  };
  Result<ListPage> GetPage(const std::string& path, const std::string& key, std::int64_t page,
                           const std::string& what, const Context& context);
  Clock& clock() { return clock_; }

  static constexpr std::int64_t kPageSize = 200;  // the API's maximum

 private:
  Error Refusal(const http::Response& response, const std::string& what) const;

  http::Transport& transport_;
  Clock& clock_;
  const std::string base_url_;
  const Secret token_;
};

// The outcome of a request that creates, changes or deletes something, derived from its error
// alone: not sent or 429 is kWait, another 4xx kRejected (404: kNotFound if `absent_is_not_found`),
// and any doubtful case kUnknown.
external::Outcome OutcomeOf(Error error, bool absent_is_not_found = false);
// The outcome if a read failed before a change: nothing was changed, whatever the error.
external::Outcome ReadFailed(Error error);
// by the provider itself, before anything was sent
external::Outcome Refuse(Code code, std::string message);

}  // namespace capstan::digitalocean
