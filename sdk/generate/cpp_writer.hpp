// CppWriter turns a Model into a header and a source. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/sdk/generate/model.hpp>

namespace capstan::generate {

struct CppOptions {
  std::string source;      // what the first line says the types were made from
  std::string namespace_;  // "example_dev::v1"
  std::string header;      // how the source includes the header: "website.hpp"
};

struct CppFiles {
  std::string header;
  std::string source;
};

CppFiles WriteCpp(const Model& model, const CppOptions& options);

}  // namespace capstan::generate
