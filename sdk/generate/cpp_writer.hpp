// CppWriter converts a Model to a header and a source file. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/sdk/generate/model.hpp>

namespace capstan::generate {

struct CppOptions {
  std::string source;      // the origin of the types, for the first line
  std::string namespace_;  // "example_dev::v1"
  std::string header;      // the name in the source's include: "website.hpp"
};

struct CppFiles {
  std::string header;
  std::string source;
};

CppFiles WriteCpp(const Model& model, const CppOptions& options);

}  // namespace capstan::generate
