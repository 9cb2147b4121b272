// Private to this folder: labels and taints of nodes, and which of them Kubernetes accepts.
// DigitalOcean's API accepts more, but its nodes then never carry them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

using Labels = std::map<std::string, std::string>;
struct Taint {
  std::string key, value, effect;
};

// "name" or "dns.prefix/name", as the key of a label or a taint.
bool IsLabelKey(std::string_view key);
// At most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends; or
// empty.
bool IsLabelValue(std::string_view value);

// Reads the API's form; malformed entries are omitted. Some clients of the API capitalize the keys
// of a taint.
Labels LabelsIn(const json::ObjectPtr& object);
std::vector<Taint> TaintsIn(const json::ObjectPtr& object);
// Writes the API's form.
json::ObjectPtr ToObject(const Labels& labels);
json::ArrayPtr ToArray(const std::vector<Taint>& taints);
// "key=value:effect" of each, sorted.
std::vector<std::string> TaintTexts(const std::vector<Taint>& taints);

}  // namespace capstan::digitalocean
