// C++ names for what JSON calls anything. Pure; thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace capstan::generate {

// "imagePullPolicy" -> "image_pull_policy", "podCIDRs" -> "pod_cidrs", "default" -> "default_" (a
// keyword), "$ref" -> "ref", "3d" -> "_3d" would be reserved, so "n3d".
std::string FieldName(std::string_view json_name);
// "nodePools" -> "NodePools"; for names of structs behind their parent's.
std::string TypeNamePart(std::string_view json_name);
// "RollingUpdate" -> "kRollingUpdate", "tcp" -> "kTcp", "" -> "kEmpty", ">=" -> "kValue".
std::string EnumeratorName(std::string_view text);
// "example.dev" -> "example_dev": for a namespace or a file.
std::string SnakeName(std::string_view text);

// Gives each name once: a second "Port" becomes "Port2".
class UniqueNames {
 public:
  std::string Take(const std::string& name);

 private:
  std::set<std::string> taken_;
};

}  // namespace capstan::generate
