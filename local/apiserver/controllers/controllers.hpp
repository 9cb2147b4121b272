// The background tasks: deleting the contents of deleted CRDs and namespaces, and garbage
// collection. All of them write through the same ObjectWriter as requests. Private to the server.
// Each task runs on one thread of its own.
#pragma once

#include <string>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

// Deletes the objects of a CRD that is being deleted, then the CRD itself.
class CrdCleaner {
 public:
  CrdCleaner(Log& log, ObjectStore& store, Catalog& catalog, ObjectWriter& writer)
      : log_(log), store_(store), catalog_(catalog), writer_(writer) {}
  void Run(const Context& context);

 private:
  // True while objects are left.
  bool Clean(const RecordPtr& crd);
  Log& log_;
  ObjectStore& store_;
  Catalog& catalog_;
  ObjectWriter& writer_;
};

// Deletes the contents of a namespace that is being deleted, reports in its conditions what
// remains, then the namespace itself, no sooner than `delay` after its deletion was seen.
class NamespaceCleaner {
 public:
  NamespaceCleaner(Scheduler& scheduler, Duration delay, Log& log, ObjectStore& store, Catalog& catalog,
                   ObjectWriter& writer)
      : scheduler_(scheduler), delay_(delay), log_(log), store_(store), catalog_(catalog), writer_(writer) {}
  void Run(const Context& context);

 private:
  // False while objects are left.
  bool DeleteContents(const RecordPtr& space);
  void Report(const RecordPtr& space, const std::vector<RecordPtr>& left);
  void Finalize(const RecordPtr& space);
  Scheduler& scheduler_;
  const Duration delay_;
  Log& log_;
  ObjectStore& store_;
  Catalog& catalog_;
  ObjectWriter& writer_;
};

// Deletes objects whose owners are all gone; implements foreground and orphan deletion.
class GarbageCollector {
 public:
  GarbageCollector(Log& log, ObjectStore& store, Catalog& catalog, ObjectWriter& writer)
      : log_(log), store_(store), catalog_(catalog), writer_(writer) {}
  void Run(const Context& context);

 private:
  enum class OwnerState { kPresent, kWaiting, kAbsent };
  OwnerState StateOf(const json::OwnerReference& owner, const Record& dependent) const;
  void Process(const std::string& key);
  void ProcessOwned(const RecordPtr& record, const ResourcePtr& resource);
  void ReleaseUnused(const RecordPtr& record, const ResourcePtr& resource);
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

// The WriteCall of controllers: stored version, no managed fields.
WriteCall ControllerCall(const ResourcePtr& resource, const std::string& namespace_);
// The resource of a record, or null when it is no longer served.
ResourcePtr ResourceOfRecord(const Served& served, const Record& record);

}  // namespace capstan::apiserver
