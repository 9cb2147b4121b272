// Renders objects as meta.k8s.io/v1 Tables, which kubectl prints for `get`.
//
// A TablePrinter is immutable; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

// The query parameter includeObject; kMetadata when absent.
enum class IncludeObject { kMetadata, kObject, kNone };
// Errors: kInvalidArgument for any other word.
Result<IncludeObject> ParseIncludeObject(std::string_view text);

class TablePrinter {
 public:
  virtual ~TablePrinter() = default;

  // A complete Table. `list_metadata` (resourceVersion, continue, remainingItemCount) may be null.
  // `now`, in seconds since 1970, is the reference for ages. `columns` false leaves
  // columnDefinitions empty, as in all but the first event of a watch.
  json::ObjectPtr Table(const std::vector<json::ObjectPtr>& objects, const json::ObjectPtr& list_metadata,
                        IncludeObject include, double now, bool columns = true) const;

  // The parts of a Table: its columnDefinitions, and the cells of a row.
  virtual json::ArrayPtr Columns() const = 0;
  virtual json::ArrayPtr Cells(const json::ObjectPtr& object, double now) const = 0;
  // Whether a cell can depend on metadata.managedFields.
  virtual bool shows_managed_fields() const { return false; }
};

// The columns of a built-in kind as kubectl prints them; an unknown kind gets Name and Created At.
std::unique_ptr<TablePrinter> MakeBuiltinTable(std::string_view group, std::string_view kind);

// Name, then the `additionalPrinterColumns` of a CRD's version; null or empty means Name and Age.
// Skips columns whose jsonPath is malformed; CheckPrinterColumns refuses those when the CRD is
// written.
std::unique_ptr<TablePrinter> MakeCustomTable(const json::ArrayPtr& additional_printer_columns);

// The problems of `additionalPrinterColumns` in Kubernetes' words; `field` is the path of the
// array.
std::vector<FieldError> CheckPrinterColumns(const json::ArrayPtr& additional_printer_columns,
                                            std::string_view field);

// kubectl's short form of an age: "5s", "3m20s", "4h", "7d1h", "2y10d".
std::string HumanAge(double seconds);

}  // namespace capstan::apiserver
