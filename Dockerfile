# docker build --tag sngan .   with PyTorch for the CPU
# docker build --tag sngan:cuda --build-arg INDEX=https://pypi.org/simple .   with CUDA; run it with --gpus all
FROM python:3.12-slim
ARG INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
COPY pyproject.toml README.md LICENSE constraints.txt /source/
COPY configs /source/configs
COPY sngan /source/sngan
RUN pip install --no-cache-dir --constraint /source/constraints.txt \
        --extra-index-url "${INDEX}" '/source[offline]' \
    && useradd --create-home sngan && chown sngan /app
USER sngan
CMD ["sngan-train", "--help"]
