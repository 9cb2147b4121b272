// Converts JSON names to C++ names. Pure; thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace capstan::generate {

// "imagePullPolicy" -> "image_pull_policy", "podCIDRs" -> "pod_cidrs", "default" -> "default_" (a
// keyword), "$ref" -> "ref", "3d" -> "n3d" ("_3d" would be reserved).
std::string FieldName(std::string_view json_name);
// "nodePools" -> "NodePools"; a suffix for the name of the parent struct.
std::string TypeNamePart(std::string_view json_name);
// "RollingUpdate" -> "kRollingUpdate", "tcp" -> "kTcp", "" -> "kEmpty", ">=" -> "kValue".
std::string EnumeratorName(std::string_view text);
// "example.dev" -> "example_dev": for a namespace or a file.
std::string SnakeName(std::string_view text);

// Makes names unique: a second "Port" becomes "Port2".
class UniqueNames {
 public:
  std::string Take(const std::string& name);

 private:
  std::set<std::string> taken_;
};

}  // namespace capstan::generate
