// Private: Fields reads the JSON body of a request leniently: names are case-insensitive
// (DigitalOcean's Go client sends taints as Key, Value, Effect), null counts as absent, unknown
// fields are ignored. All Fields of one body remember the first value of the wrong type; the caller
// checks Problem() once, after reading everything. For one thread.
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
  // nullopt when `body` is not a JSON object. An empty body is an empty object.
  static std::optional<Fields> Parse(const std::string& body);

  bool Present(std::string_view name) const;  // present, possibly null
  bool Has(std::string_view name) const;      // present and not null
  std::optional<std::string> String(std::string_view name) const;
  std::optional<std::int64_t> Integer(std::string_view name) const;
  std::optional<double> Number(std::string_view name) const;
  std::optional<bool> Boolean(std::string_view name) const;
  std::optional<Fields> Object(std::string_view name) const;
  std::optional<std::vector<Fields>> Objects(std::string_view name) const;
  std::optional<std::vector<std::string>> Strings(std::string_view name) const;
  std::optional<std::map<std::string, std::string>> StringMap(std::string_view name) const;

  // The first problem, such as "name must be a string"; empty: none.
  const std::string& Problem() const { return *problem_; }

 private:
  Fields(json::ObjectPtr object, std::string where, std::shared_ptr<std::string> problem);
  json::Tree Find(std::string_view name) const;  // empty when absent or null
  void Wrong(std::string_view name, std::string_view wanted) const;

  json::ObjectPtr object_;
  std::string where_;  // prefix of names in a problem: "node_pools[0]."
  std::shared_ptr<std::string> problem_;
};

}  // namespace capstan::simulated_digitalocean
