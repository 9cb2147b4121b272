// ObjectScanner does the work of ScanMetadata and WithoutManagedFields in one step, in buffers that
// it reuses, for callers that read many objects one after another. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <capstan/core/json/scan.hpp>

namespace capstan::json {

class ObjectScanner {
 public:
  ObjectScanner();
  ~ObjectScanner();
  // Valid until the next Scan or Trim.
  struct Scanned {
    const Metadata& metadata;
    std::string_view text;  // without managedFields
  };
  // Errors: those of ScanMetadata.
  Result<Scanned> Scan(std::string_view object);
  // Frees the buffers; the next Scan allocates them again.
  void Trim();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan::json
