// Projects that `capstan new` writes: an operator, or a provider of a cloud. Pure.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::app {

struct ProjectFile {
  std::string path;  // within the project's folder
  std::string content;
};

struct OperatorProjectOptions {
  std::string name;   // a DNS label that starts with a letter: "website"
  std::string kind;   // empty: from the name, "Website"
  std::string group;  // of the kind: "example.dev"
};
// CMake, source, definition, test, manifests, README. Errors: kInvalidArgument, naming what is
// wrong.
Result<std::vector<ProjectFile>> OperatorProject(const OperatorProjectOptions& options);

// The template of the SDK under another name. Errors: kInvalidArgument.
Result<std::vector<ProjectFile>> ProviderProject(const std::string& name);

}  // namespace capstan::app
