// Private to this folder: labels and taints of nodes, and what Kubernetes takes for them.
// DigitalOcean's API takes more, and its nodes then never carry them.
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
// At most 63 letters, digits, dashes, dots and underscores between two letters or digits; or
// nothing.
bool IsLabelValue(std::string_view value);

// As the API shows them; whatever is of another shape is left out. Some of the API's clients write
// the keys of a taint with capitals.
Labels LabelsIn(const json::ObjectPtr& object);
std::vector<Taint> TaintsIn(const json::ObjectPtr& object);
// As the API takes them.
json::ObjectPtr ToObject(const Labels& labels);
json::ArrayPtr ToArray(const std::vector<Taint>& taints);
// "key=value:effect" of each, sorted.
std::vector<std::string> TaintTexts(const std::vector<Taint>& taints);

}  // namespace capstan::digitalocean
