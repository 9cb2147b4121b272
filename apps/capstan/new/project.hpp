// The projects that `capstan new` writes: an operator, or a provider for a cloud. Pure;
// thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::app {

struct ProjectFile {
  std::string path;  // relative to the project's folder
  std::string content;
};

struct OperatorProjectOptions {
  std::string name;   // a DNS label that starts with a letter: "website"
  std::string kind;   // empty: derived from the name, "Website"
  std::string group;  // of the kind: "example.dev"
};
// CMake, source, definition, test, manifests, README. Errors: kInvalidArgument, naming the invalid
// option.
Result<std::vector<ProjectFile>> OperatorProject(const OperatorProjectOptions& options);

// The template of the SDK with the given name. Errors: kInvalidArgument.
Result<std::vector<ProjectFile>> ProviderProject(const std::string& name);

}  // namespace capstan::app
