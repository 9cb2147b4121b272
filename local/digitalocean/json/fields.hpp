// Private: Fields reads a request's JSON body as a forgiving server does: names without regard to
// case (DigitalOcean's Go client sends taints as Key, Value, Effect), null as absent, unknown
// fields ignored. The first thing that has the wrong type is remembered for all Fields of one body;
// the caller asks Problem() once, after reading all.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::simulated_digitalocean {

class Fields {
 public:
  // Nothing when `body` is not a JSON object. An empty body is an empty object.
  static std::optional<Fields> Parse(const std::string& body);

  bool Present(std::string_view name) const;  // there, perhaps as null
  bool Has(std::string_view name) const;      // there, and not null
  std::optional<std::string> String(std::string_view name) const;
  std::optional<std::int64_t> Integer(std::string_view name) const;
  std::optional<double> Number(std::string_view name) const;
  std::optional<bool> Boolean(std::string_view name) const;
  std::optional<Fields> Object(std::string_view name) const;
  std::optional<std::vector<Fields>> Objects(std::string_view name) const;
  std::optional<std::vector<std::string>> Strings(std::string_view name) const;
  std::optional<std::map<std::string, std::string>> StringMap(std::string_view name) const;

  // "name must be a string", of the first field that was wrong; empty: none.
  const std::string& Problem() const { return *problem_; }

 private:
  Fields(json::ObjectPtr object, std::string where, std::shared_ptr<std::string> problem);
  json::Tree Find(std::string_view name) const;  // empty when absent or null
  void Wrong(std::string_view name, std::string_view wanted) const;

  json::ObjectPtr object_;
  std::string where_;  // "node_pools[0].", before the names in a problem
  std::shared_ptr<std::string> problem_;
};

}  // namespace capstan::simulated_digitalocean
