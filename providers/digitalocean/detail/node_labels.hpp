// Private to this folder: what Kubernetes takes for labels and taints of nodes. DigitalOcean's API
// takes more, and its nodes then never carry them.
#pragma once

#include <string_view>

namespace capstan::digitalocean {

// "name" or "dns.prefix/name", as the key of a label or a taint.
bool IsLabelKey(std::string_view key);
// At most 63 letters, digits, dashes, dots and underscores between two letters or digits; or
// nothing.
bool IsLabelValue(std::string_view value);

}  // namespace capstan::digitalocean
