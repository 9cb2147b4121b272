// The background tasks: emptying deleted CRDs and namespaces, and collecting garbage. Each
// works through the same ObjectWriter as requests do. Private to the server. Thread-safe in the
// sense of one thread each.
#pragma once

#include <string>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

// Deletes the objects of a CRD that is being deleted, then lets the CRD go.
class CrdCleaner {
 public:
  CrdCleaner(Log& log, ObjectStore& store, Catalog& catalog, ObjectWriter& writer)
      : log_(log), store_(store), catalog_(catalog), writer_(writer) {}
  void Run(const Context& context);

 private:
  // True while something is left to do.
  bool Clean(const RecordPtr& crd);
  Log& log_;
  ObjectStore& store_;
  Catalog& catalog_;
  ObjectWriter& writer_;
};

// Deletes what is in a namespace that is being deleted, says in its conditions what stays, then
// lets it go.
class NamespaceEmptier {
 public:
  NamespaceEmptier(Log& log, ObjectStore& store, Catalog& catalog, ObjectWriter& writer)
      : log_(log), store_(store), catalog_(catalog), writer_(writer) {}
  void Run(const Context& context);

 private:
  bool Empty(const RecordPtr& space);
  void Report(const RecordPtr& space, const std::vector<RecordPtr>& left);
  Log& log_;
  ObjectStore& store_;
  Catalog& catalog_;
  ObjectWriter& writer_;
};

// Deletes objects all of whose owners are gone; carries out foreground and orphan deletion.
class GarbageCollector {
 public:
  GarbageCollector(Log& log, ObjectStore& store, Catalog& catalog, ObjectWriter& writer)
      : log_(log), store_(store), catalog_(catalog), writer_(writer) {}
  void Run(const Context& context);

 private:
  enum class OwnerState { kSolid, kWaiting, kAbsent };
  OwnerState Judge(const json::OwnerReference& owner, const Record& dependent) const;
  void Visit(const std::string& key);
  void VisitOwned(const RecordPtr& record, const ResourcePtr& resource);
  void LetGoUnused(const RecordPtr& record, const ResourcePtr& resource);
  bool IsMounted(const Record& claim) const;
  void FinishForeground(const RecordPtr& record, const ResourcePtr& resource);
  void FinishOrphaning(const RecordPtr& record, const ResourcePtr& resource);
  void DropOwners(const RecordPtr& record, const ResourcePtr& resource, const std::vector<std::string>& uids);
  void DropFinalizer(const RecordPtr& record, const ResourcePtr& resource, const char* finalizer);
  void Warn(const char* what, const Record& record, const ApiError& error);
  Log& log_;
  ObjectStore& store_;
  Catalog& catalog_;
  ObjectWriter& writer_;
};

// How controllers write to a resource: nobody's managed fields, stored version.
WriteCall ControllerCall(const ResourcePtr& resource, const std::string& namespace_);
// The resource that a record belongs to, or null when it is no longer served.
ResourcePtr ResourceOfRecord(const Served& served, const Record& record);

}  // namespace capstan::apiserver
