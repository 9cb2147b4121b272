// Private to providers/digitalocean: requests to the DigitalOcean API, and what their answers mean.
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

// Thread-safe. One request per call; nothing is ever repeated here.
class Client {
 public:
  // `transport` and `clock` must outlive it. `base_url` has no slash at its end.
  Client(http::Transport& transport, Clock& clock, std::string base_url, Secret token)
      : transport_(transport), clock_(clock), base_url_(std::move(base_url)), token_(std::move(token)) {}

  // Any 2xx answer. Errors: those of the Transport; other answers by their status, with the API's
  // own message, id and request id. `what` says for people what was tried: "list clusters".
  Result<http::Response> Call(const std::string& method, const std::string& path, const std::string& body,
                              const std::string& what, const Context& context);
  // GET of a JSON object. Errors also: kDataLoss.
  Result<json::ObjectPtr> Get(const std::string& path, const std::string& what, const Context& context);
  // Every item of a paginated list under `key`, as text, each told from the others by `id`: a tree
  // of one of them at a time costs a tenth of the trees of all. Errors also: kDataLoss when the
  // pages do not add up to meta.total.
  Result<std::vector<std::string>> GetAll(const std::string& path, const std::string& key,
                                          const std::string& what, const Context& context,
                                          const std::string& id = "id");
  // One page, counted from 1. `total` is meta.total.
  struct ListPage {
    std::vector<std::string> items;  // JSON objects
    std::int64_t total = 0;
  };
  Result<ListPage> GetPage(const std::string& path, const std::string& key, std::int64_t page,
                           const std::string& what, const Context& context, const std::string& id = "id");
  Clock& clock() { return clock_; }

  static constexpr std::int64_t kPageSize = 200;  // the API's maximum

 private:
  Error Refusal(const http::Response& response, const std::string& what) const;

  http::Transport& transport_;
  Clock& clock_;
  const std::string base_url_;
  const Secret token_;
};

// What became of a request that makes, changes or removes something, by its error alone: not sent
// or 429 is kWait, another 4xx kRejected (404: kNotFound where `absent_is_not_found`), and all that
// leaves a doubt kUnknown.
external::Outcome OutcomeOf(Error error, bool absent_is_not_found = false);
// What failed only asked, so nothing was changed, whatever became of the question.
external::Outcome OnlyAsked(Error error);
external::Outcome Refuse(Code code, std::string message);  // by ourselves, before anything was sent

}  // namespace capstan::digitalocean
