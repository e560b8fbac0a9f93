#pragma once

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "core/evaluation/evaluation_document.h"
#include "core/protocol/run_config.h"
#include "core/report/collect.h"
#include "core/runs/run_status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

// A project with runs that were scored as a test likes.
namespace percept::report {

namespace fs = std::filesystem;
using domain::SplitSet;
using evaluation::EvaluationImage;

inline constexpr int kObjects = 5; // on every picture: four RBC and one WBC

inline domain::Box place(int k) { return { 10.0 + k * 60, 20, 40, 40 }; }

class CollectTest : public testing::Test {
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "percept report XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        m_root = name;
        m_project = m_root / "cells.percept";
        auto store = dataset::ProjectStore::create(m_project, "Cells", domain::Task::Detection, { "RBC", "WBC" });
        ASSERT_TRUE(store.hasValue()) << store.error().message;
        m_store = std::move(store).value();
    }
    void TearDown() override
    {
        m_store.reset();
        fs::remove_all(m_root);
    }

    void import(int first, int count, SplitSet set, const std::string& group = {})
    {
        std::vector<dataset::ImportItem> items;
        for (int i = first; i < first + count; ++i) {
            dataset::ImportItem item;
            item.file = m_root / ("p" + std::to_string(i) + ".jpg");
            std::ofstream(item.file) << "picture " << i;
            item.name = item.file.filename().string();
            item.sizeBytes = 10;
            item.width = 400;
            item.height = 300;
            item.set = set;
            item.groupKey = group.empty() ? "g" + std::to_string(i) : group;
            item.labeled = true;
            for (int k = 0; k < kObjects; ++k)
                item.boxes.push_back({ k == 4 ? "WBC" : "RBC", place(k), {} });
            items.push_back(item);
        }
        auto batch = m_store->beginImport("pictures");
        ASSERT_TRUE(batch.hasValue());
        ASSERT_TRUE(m_store->addToImport(*batch, items).hasValue());
        ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    }

    // A finished run whose model finds object k of picture i when finds(i, k).
    template <typename Finds>
    void addRun(const std::string& id, Finds finds, const std::string& model = "draft", bool scored = true)
    {
        const fs::path run = m_project / "runs" / id;
        fs::create_directories(run / "model");
        protocol::RunConfig config;
        config.run = id;
        config.datasetVersion = 3;
        config.epochs = 1;
        write(run / "config.json", protocol::toJson(config).dump());
        runs::RunStatus status;
        status.status = "ok";
        status.createdMs = status.startedMs = status.endedMs = base::nowMs() + 1000 * (m_runs++);
        ASSERT_TRUE(runs::writeStatus(run, status).hasValue());
        write(run / "model" / "model.onnx", "no model");
        protocol::ModelSpec spec;
        spec.labels = { { LabelId { 1 }, "RBC", 0.5 }, { LabelId { 2 }, "WBC", 0.5 } };
        spec.inputWidth = spec.inputHeight = 416;
        spec.backbone = "efficientnet-lite0";
        spec.baseWeights = "none";
        write(run / "model" / "spec.json", protocol::toJson(spec).dump());
        if (scored)
            score(run, finds, model);
    }

    template <typename Finds>
    void score(const fs::path& run, Finds finds, const std::string& model)
    {
        dataset::ItemFilter filter;
        filter.sets = { SplitSet::Test };
        auto items = m_store->readItems(filter, {}, 1000);
        ASSERT_TRUE(items.hasValue());
        std::vector<EvaluationImage> images;
        std::string lines;
        for (std::size_t i = 0; i < items->size(); ++i) {
            EvaluationImage image;
            image.item = (*items)[i].id.value;
            image.group = (*items)[i].group.value;
            for (int k = 0; k < kObjects; ++k) {
                image.truths.push_back({ k == 4 ? 1 : 0, place(k) });
                if (finds(static_cast<int>(i), k))
                    image.detections.push_back({ k == 4 ? 1 : 0, 0.9, place(k) });
            }
            image.detections.push_back({ 0, 0.4, place(0) }); // below the threshold
            lines += evaluation::encodeImageLine(image) + "\n";
            images.push_back(image);
        }
        auto document = evaluation::evaluationDocument(images, { "RBC", "WBC" }, { 0.5, 0.5 }, 50, 0);
        document["model"] = model;
        write(run / "predictions-test.jsonl", lines);
        write(run / "evaluation-test.json", document.dump());
    }

    // As if the run's model called every object by this class.
    void callAll(const std::string& id, int label)
    {
        const fs::path file = m_project / "runs" / id / "predictions-test.jsonl";
        std::ifstream in(file);
        std::string lines;
        for (std::string line; std::getline(in, line);) {
            auto image = evaluation::decodeImageLine(line);
            ASSERT_TRUE(image.hasValue()) << image.error().message;
            for (auto& detection : image->detections)
                detection.label = label;
            lines += evaluation::encodeImageLine(*image) + "\n";
        }
        write(file, lines);
    }

    // As if the run had been packaged with this threshold for all classes.
    void setThresholds(const std::string& id, double threshold)
    {
        const fs::path file = m_project / "runs" / id / "evaluation-test.json";
        std::ifstream in(file);
        auto document = nlohmann::json::parse(in);
        for (auto& row : document["per_class"])
            row["threshold"] = threshold;
        document["thresholds"] = { threshold, threshold };
        write(file, document.dump());
    }

    static void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

    base::Result<ReportData> collect(const std::string& model = {}) { return collectReport(*m_store, m_project, model); }
    ReportData collected(const std::string& model = {})
    {
        auto data = collect(model);
        EXPECT_TRUE(data.hasValue()) << data.error().message;
        return data.hasValue() ? *data : ReportData();
    }
    static bool says(const std::vector<std::string>& sentences, const std::string& words)
    {
        return std::any_of(
            sentences.begin(), sentences.end(), [&](const auto& s) { return s.find(words) != std::string::npos; });
    }

    fs::path m_root, m_project;
    std::unique_ptr<dataset::ProjectStore> m_store;
    int m_runs = 0;
};

inline const auto kAll = [](int, int) { return true; };
inline const auto kFour = [](int, int k) { return k < 4; };        // never the WBC
inline const auto kMost = [](int i, int k) { return k < 4 || i % 2; };

}
