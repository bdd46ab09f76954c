using Lowbit.Configuration;
using Xunit;

namespace Lowbit.Tests.Configuration;

public sealed class MalformedConfigurationTests : IDisposable
{
    const string Model = "model: { name: quant_cnv }\n";

    readonly string folder = Directory.CreateTempSubdirectory("lowbit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>What a user may write, and the sentence that comes back.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        { "", "x.yaml is empty; it must at least name a model, as in model: { name: quant_resnet20 }" },
        { "# nothing\n", "x.yaml is empty; it must at least name a model, as in model: { name: quant_resnet20 }" },
        { "training: { epochs: 3 }\n", "x.yaml(1,1): the section model is missing; it must name a model, as in model: { name: quant_resnet20 }" },
        { "model: { width: 0.5 }\n", "x.yaml(1,8): model.name is missing" },
        { "- model\n", "x.yaml(1,1): a configuration is made of sections, like model: and training:; this is a list" },
        { "model\n", "x.yaml(1,1): a configuration is made of sections, like model: and training:; this is model" },
        { "model: quant_cnv\n", "x.yaml(1,8): model is quant_cnv; it must be a section of keys" },
        { "model: [quant_cnv]\n", "x.yaml(1,8): model is a list; it must be a section of keys" },
        { Model + "---\n" + Model, "x.yaml: there are 2 documents in it; a run is one" },
        { "model: { name: quant_resnet21 }\n", "x.yaml(1,16): model.name is quant_resnet21, which is not known; did you mean quant_resnet20?" },
        { "model: { name: [a] }\n", "x.yaml(1,16): model.name is a list; it must be text" },
        { "model: { name: }\n", "x.yaml(1,16): model.name is empty; it must be text" },
        { Model + "modle: {}\n", "x.yaml(2,1): modle is not a section here; did you mean model?" },
        { Model + "trainning: { epochs: 3 }\n", "x.yaml(2,1): trainning is not a section here; did you mean training?" },
        { Model + "training: { epoch: 3 }\n", "x.yaml(2,13): training.epoch is not a key here; did you mean epochs?" },
        { Model + "training: { epochs: many }\n", "x.yaml(2,21): training.epochs is many; it must be a whole number" },
        { Model + "training: { epochs: 2.5 }\n", "x.yaml(2,21): training.epochs is 2.5; it must be a whole number" },
        { Model + "training: { epochs: \"3\" }\n", "x.yaml(2,21): training.epochs is \"3\"; it must be a whole number" },
        { Model + "training: { epochs: 0 }\n", "x.yaml(2,21): training.epochs is 0; it must be 1 to 1000000" },
        { Model + "training: { batch_size: -1 }\n", "x.yaml(2,25): training.batch_size is -1; it must be 1 to 1000000" },
        { Model + "training: { epochs: 99999999999 }\n", "x.yaml(2,21): training.epochs is 99999999999; it must be 1 to 1000000" },
        { Model + "training: { epochs: 1e300 }\n", "x.yaml(2,21): training.epochs is 1e300; it must be 1 to 1000000" },
        { Model + "seed: { value: 4294967296 }\n", "x.yaml(2,16): seed.value is 4294967296; it must be 0 to 2147483647" },
        { Model + "seed: { value: -1 }\n", "x.yaml(2,16): seed.value is -1; it must be 0 to 2147483647" },
        { Model + "seed: { value: 1.5 }\n", "x.yaml(2,16): seed.value is 1.5; it must be a whole number" },
        { Model + "scheduler: { milestones: [1, 4294967296] }\n", "x.yaml(2,26): scheduler.milestones is a list; it must be numbers of 1 to 1000000" },
        { Model + "quantization: { weight_bit_width: 0 }\n", "x.yaml(2,35): quantization.weight_bit_width is 0; it must be 1 to 8" },
        { Model + "quantization: { act_bit_width: 12 }\n", "x.yaml(2,32): quantization.act_bit_width is 12; it must be 1 to 8" },
        { Model + "quantization: { weight_bits: 4 }\n", "x.yaml(2,17): quantization.weight_bits is not a key here; did you mean weight_bit_width?" },
        { Model + "quantization: { bias_bit_width: 12 }\n", "x.yaml(2,33): quantization.bias_bit_width is 12; it must be null, 8, 16 or 32" },
        { Model + "quantization: { scheme: bnn }\n", "x.yaml(2,25): quantization.scheme is bnn; it must be learned or bnn_pynq" },
        { Model + "quantization: { weight_quantizer: maxabs }\n", "x.yaml(2,35): quantization.weight_quantizer is maxabs, which is not known; did you mean max_abs?" },
        { Model + "quantization: { overrides: { layers: a } }\n", "x.yaml(2,28): quantization.overrides is a section; it must be a list of sections" },
        { Model + "quantization: { overrides: [a] }\n", "x.yaml(2,29): quantization.overrides[0] is a; it must be a section of keys" },
        { Model + "quantization: { overrides: [{ weight_bit_width: 2 }] }\n", "x.yaml(2,29): quantization.overrides[0].layers is missing" },
        { "model: { name: cnv }\nquantization: { weight_bit_width: 4 }\n", "x.yaml(2,1): cnv is not quantized; name quant_cnv, or take the section quantization out" },
        { Model + "dataset: { name: cifar }\n", "x.yaml(2,18): dataset.name is cifar; it must be digits, cifar10, cifar100, mnist, fashion_mnist, imagefolder or imagenet; did you mean cifar10?" },
        { Model + "dataset: { download: yes }\n", "x.yaml(2,22): dataset.download is yes; it must be true or false" },
        { Model + "dataset: { num_workers: -2 }\n", "x.yaml(2,25): dataset.num_workers is -2; it must be 0 to 256" },
        { Model + "dataset: { val_split: 1 }\n", "x.yaml(2,23): dataset.val_split is 1; it must be at least 0 and below 1" },
        { Model + "dataset: { channels: 2 }\n", "x.yaml(2,22): dataset.channels is 2; it must be null, 1 or 3" },
        { Model + "loss: { name: hinge }\n", "x.yaml(2,15): loss.name is hinge; it must be cross_entropy, nll, mse, l1, smooth_l1, bce, bce_with_logits, kl_div or sqr_hinge" },
        { Model + "loss: { label_smoothing: 1.5 }\n", "x.yaml(2,26): loss.label_smoothing is 1.5; it must be 0 to 1" },
        { Model + "loss: { weight: [1, two] }\n", "x.yaml(2,17): loss.weight is a list; it must be a list of numbers" },
        { Model + "optimizer: { name: sdg }\n", "x.yaml(2,20): optimizer.name is sdg; it must be sgd, adam or adamw; did you mean sgd?" },
        { Model + "optimizer: { learning_rate: 0 }\n", "x.yaml(2,29): optimizer.learning_rate is 0; it must be above 0, up to 1000" },
        { Model + "optimizer: { weight_decay: 1e400 }\n", "x.yaml(2,28): optimizer.weight_decay is 1e400; it must be 0 to 1000" },
        { Model + "loss: { weight: [0, 0.0] }\n", "x.yaml(2,17): loss.weight is a list; it must be numbers of which at least one is above 0" },
        { Model + "loss: { name: bce_with_logits, pos_weight: [0] }\n", "x.yaml(2,44): loss.pos_weight is a list; it must be numbers of which at least one is above 0" },
        { Model + "loss: { weight: [1, 1e300] }\n", "x.yaml(2,17): loss.weight is a list; it must be numbers of 0 to 1000000" },
        { Model + "optimizer: { lr: 0.1 }\n", "x.yaml(2,14): optimizer.lr is not a key here; there are name, learning_rate, momentum, nesterov, weight_decay, clip_norm, clip_ratio, last_layer_clip_norm, decay_norms, decay_biases, decay_scales, scale_rate_factor, betas, eps" },
        { Model + "optimizer: { betas: [0.9] }\n", "x.yaml(2,21): optimizer.betas is a list; it must be a list of 2 numbers" },
        { Model + "optimizer: { learning_rate: .nan }\n", "x.yaml(2,29): optimizer.learning_rate is .nan; it must be a number" },
        { Model + "scheduler: { T_max: 0 }\n", "x.yaml(2,21): scheduler.T_max is 0; it must be 1 to 1000000" },
        { Model + "amp: true\n", "x.yaml(2,6): amp is true; it must be a section of keys" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void A_malformed_file_is_refused_in_one_sentence(string yaml, string sentence)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(yaml, "x.yaml"));

        Assert.Equal(sentence, Assert.Single(refused.Errors));
    }

    [Theory]
    [InlineData("model: { name: quant_cnv\n")]
    [InlineData("model:\n\tname: quant_cnv\n")]
    [InlineData("model: {name: a}\nmodel: {name: b}\n")]
    [InlineData("model: { name: *nothing }\n")]
    [InlineData("a: b: c\n")]
    [InlineData("%!@`\n")]
    [InlineData("a:\n : b: 4\n  c: 4\n{ a: 1 }\n")]
    public void What_is_not_YAML_is_refused_in_one_sentence(string text)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(text, "x.yaml"));

        Assert.StartsWith("x.yaml", Assert.Single(refused.Errors));
        Assert.Contains("this is not YAML: ", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    public static TheoryData<string, string> Numbers => [.. KeyNames.Of(typeof(RunConfiguration)).SelectMany(section => KeyNames.Of(section.Property.PropertyType)
        .Where(key => (Nullable.GetUnderlyingType(key.Property.PropertyType) ?? ValueTypes.ListItem(key.Property.PropertyType) ?? key.Property.PropertyType) is var type
            && (type == typeof(int) || type == typeof(double)))
        .Select(key => new TheoryDataRow<string, string>(section.Key, key.Key)))];

    [Theory, MemberData(nameof(Numbers))]
    public void Every_number_has_bounds_that_are_said(string section, string key)
    {
        foreach (string number in new[] { "1e300", "-1e300", "1e400" })
        {
            bool isList = ValueTypes.ListItem(KeyNames.Of(KeyNames.Of(typeof(RunConfiguration)).Single(entry => entry.Key == section).Property.PropertyType).Single(entry => entry.Key == key).Property.PropertyType) is not null;
            var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(Model, "x.yaml", [$"{section}.{key}={(isList ? $"[{number}, {number}]" : number)}"]));

            Assert.Matches(@"; it must be (numbers of )?(null, |at least |above |between )?-?\d", Assert.Single(refused.Errors));
        }
    }

    [Fact]
    public void All_errors_come_at_once_in_the_order_of_the_file()
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse("training: { epochs: 0 }\nloss: { nam: nll }\nmodel: {}\n", "x.yaml"));

        Assert.Equal(["x.yaml(1,", "x.yaml(2,", "x.yaml(3,"], refused.Errors.Select(error => error[..9]));
    }

    [Theory]
    [InlineData("optimizer.lr=0.1", "--set optimizer.lr=0.1: optimizer.lr is not a key here; there are name, learning_rate, momentum, nesterov, weight_decay, clip_norm, clip_ratio, last_layer_clip_norm, decay_norms, decay_biases, decay_scales, scale_rate_factor, betas, eps")]
    [InlineData("optimizer", "--set optimizer: give section.key=value, as in --set optimizer.learning_rate=0.01")]
    [InlineData("training.epochs=none", "--set training.epochs=none: training.epochs is none; it must be a whole number")]
    [InlineData("training.epochs=[1", "--set training.epochs=[1: the value is not YAML")]
    public void An_override_that_does_not_fit_is_named(string assignment, string sentence)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(Model, "x.yaml", [assignment]));

        Assert.Equal(sentence, Assert.Single(refused.Errors));
    }

    [Fact]
    public void Files_that_are_none_are_refused()
    {
        string garbage = Path.Combine(folder, "garbage.yaml"), large = Path.Combine(folder, "large.yaml");
        File.WriteAllBytes(garbage, [0xFF, 0xFE, 0x00, 0x80, 0xC3]);
        File.WriteAllText(large, new string('#', (1 << 20) + 1));

        Assert.Equal($"{folder} is a folder; give a YAML file", Refusal(folder));
        Assert.Equal($"{garbage} is not text in UTF-8", Refusal(garbage));
        Assert.Equal($"{large} is larger than 1 MiB, which no configuration is", Refusal(large));
        Assert.Equal($"{folder}/absent.yaml is not there", Refusal(folder + "/absent.yaml"));
    }

    static string Refusal(string path) => Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationReader.Read(path)).Errors);
}
